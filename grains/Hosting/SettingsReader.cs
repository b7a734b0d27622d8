using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrleansInbox;

/// <summary>Reads settings one by one and gathers what is wrong with them, so that every violation is reported at once. Empty counts as not set.</summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _violations = [];

    /// <summary>One sentence each, with the name of the setting; never its value, which may be a secret.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    public void Violation(string sentence) => _violations.Add(sentence);

    public string? Text(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

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

    /// <summary>Refuses names under a section that are not known: a misspelt setting would silently do nothing. None known: the section is gone.</summary>
    public void OnlyKnown(string section, params ReadOnlySpan<string> known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                Violation(known.IsEmpty ? $"{child.Path} is not a setting any more: remove it." : $"{child.Path} is not a setting; {section} knows {string.Join(", ", known.ToArray())}.");
    }
}
