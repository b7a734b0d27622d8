using System.Globalization;
using System.Text;

namespace OrleansInbox;

/// <summary>What the user wants: stored with the marks, so that it is as safe as they are, and at hand when something comes. An erase leaves it.</summary>
public sealed partial record InboxState
{
    private string _preferences = "";

    /// <summary>Null: none were saved.</summary>
    public Preferences? Preferences { get; private init; }

    /// <summary>How often they were saved.</summary>
    public long PreferencesVersion => _preferences.Length == 0 ? 0 : long.Parse(_preferences.AsSpan(0, _preferences.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    /// <summary>The same again changes nothing.</summary>
    public InboxState WithPreferences(Preferences preferences)
    {
        var json = Encoding.UTF8.GetString(preferences.ToJson());
        return json == PreferencesJson ? this
            : this with { _preferences = string.Create(CultureInfo.InvariantCulture, $"{PreferencesVersion + 1} {json}"), Preferences = preferences };
    }

    private string? PreferencesJson => _preferences.Length == 0 ? null : _preferences[(_preferences.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private InboxState WithStoredPreferences(string stored)
    {
        if (stored.Length == 0) return this;
        var state = this with { _preferences = stored };
        return state with { Preferences = PreferencesBody.Parse(Encoding.UTF8.GetBytes(state.PreferencesJson!), new FieldErrors()) };
    }
}
