namespace OrleansInbox.ClientApi.Requests;

/// <summary>What is wrong with a request: field → reasons. Costs nothing while there is nothing.</summary>
internal sealed class FieldErrors
{
    /// <summary>The body itself: nothing can be said of its fields.</summary>
    public const string Whole = "$";

    private Dictionary<string, List<string>>? _reasons;

    public bool IsEmpty => _reasons is null;

    public void Add(string field, string reason)
    {
        _reasons ??= new(StringComparer.Ordinal);
        if (!_reasons.TryGetValue(field, out var reasons)) _reasons[field] = reasons = [];
        reasons.Add(reason);
    }

    /// <summary>What is also wrong, with fields that nothing was said of.</summary>
    public void AddOther(IReadOnlyDictionary<string, string[]> others)
    {
        if (_reasons?.ContainsKey(Whole) == true) return;
        foreach (var (field, reasons) in others)
            if (_reasons?.ContainsKey(field) != true)
                foreach (var reason in reasons) Add(field, reason);
    }

    public IReadOnlyDictionary<string, string[]> ToDictionary() => (_reasons ?? []).ToDictionary(field => field.Key, field => field.Value.ToArray());
}
