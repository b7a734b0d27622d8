namespace OrleansInbox.ClientApi.Inbox;

/// <summary>What is wrong with a request: field → reasons. Costs nothing while there is nothing.</summary>
internal sealed class FieldErrors
{
    private Dictionary<string, List<string>>? _reasons;

    public bool IsEmpty => _reasons is null;

    public void Add(string field, string reason)
    {
        _reasons ??= new(StringComparer.Ordinal);
        if (!_reasons.TryGetValue(field, out var reasons)) _reasons[field] = reasons = [];
        reasons.Add(reason);
    }

    public IReadOnlyDictionary<string, string[]> ToDictionary() => (_reasons ?? []).ToDictionary(field => field.Key, field => field.Value.ToArray());
}
