using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrleansInbox;

/// <summary>Reads settings one by one and collects every violation, so that all are reported at once. An empty value counts as not set.</summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _violations = [];

    /// <param name="sentence">Has the name of the setting, never its value, which may be a secret.</param>
    /// <summary>What was found so far.</summary>
    internal IReadOnlyCollection<string> Violations => _violations;

    public void Violation(string sentence) => _violations.Add(sentence);

    /// <summary>To be called once everything is read.</summary>
    /// <exception cref="InvalidSettingsException">With all violations.</exception>
    public void ThrowIfInvalid()
    {
        if (_violations.Count > 0) throw new InvalidSettingsException(_violations);
    }

    public string? Text(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>The names of a section's members, complete: <c>Auth:ApiKeys:0</c>, <c>Auth:ApiKeys:1</c>.</summary>
    public IEnumerable<string> Members(string section) => configuration.GetSection(section).GetChildren().Select(child => $"{section}:{child.Key}"); // its Path would begin above a configuration that is a section itself

    public int Number(string name, int otherwise, int from, int to)
    {
        if (Text(name) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to) return value;
        Violation(string.Create(CultureInfo.InvariantCulture, $"{name} has to be a whole number from {from:N0} to {to:N0}."));
        return otherwise;
    }

    public TimeSpan Time(string name, TimeSpan otherwise, TimeSpan from, TimeSpan to)
    {
        if (Text(name) is not { } text) return otherwise;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to) return value;
        Violation($"{name} has to be a time from {from:c} to {to:c}, written [d.]hh:mm:ss.");
        return otherwise;
    }

    public string OneOf(string name, string otherwise, params ReadOnlySpan<string> values)
    {
        if (Text(name) is not { } text) return otherwise;
        foreach (var value in values)
            if (value.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        Violation($"{name} has to be one of {string.Join(", ", values.ToArray())}.");
        return otherwise;
    }

    /// <summary>Refuses members of a section that are not settings: a misspelt setting would do nothing without a word. None known: the section is gone.</summary>
    public void OnlyKnown(string section, params ReadOnlySpan<string> known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                Violation(known.IsEmpty ? $"{child.Path} is not a setting any more: remove it." : $"{child.Path} is not a setting; {section} knows {string.Join(", ", known.ToArray())}.");
    }
}
