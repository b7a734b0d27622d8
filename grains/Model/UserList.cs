namespace OrleansInbox;

/// <summary>Users in a body.</summary>
public static class UserList
{
    /// <summary>Adds what is wrong with them.</summary>
    public static void Check(FieldErrors errors, string field, IReadOnlyList<string>? users)
    {
        for (var i = 0; i < users?.Count; i++)
        {
            if (InboxKey.IsLegalUser(users[i])) continue;
            errors.Add($"{field}[{i}]", $"Must be 1 to {InboxKey.MaxBytes} bytes of UTF-8 without control characters, and not 'me', '.' or '..'.");
            return; // one of them says enough
        }
    }
}
