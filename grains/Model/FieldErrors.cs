namespace OrleansInbox;

/// <summary>What is wrong with a request: field → reasons. Allocates nothing until the first error.</summary>
public sealed class FieldErrors
{
    /// <summary>Stands for the whole body, when it is not a JSON object.</summary>
    public const string Whole = "$";

    private Dictionary<string, List<string>>? _reasons;

    public bool IsEmpty => _reasons is null;

    public void Add(string field, string reason)
    {
        _reasons ??= new(StringComparer.Ordinal);
        if (!_reasons.TryGetValue(field, out var reasons)) _reasons[field] = reasons = [];
        reasons.Add(reason);
    }

    /// <summary>Adds errors for fields that have none yet; none of them when the body is no object.</summary>
    public void AddOther(IReadOnlyDictionary<string, string[]> others)
    {
        if (_reasons?.ContainsKey(Whole) == true) return;
        foreach (var (field, reasons) in others)
            if (_reasons?.ContainsKey(field) != true)
                foreach (var reason in reasons) Add(field, reason);
    }

    public void Clear() => _reasons = null;

    public IReadOnlyDictionary<string, string[]> ToDictionary() => (_reasons ?? []).ToDictionary(field => field.Key, field => field.Value.ToArray());
}
