using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a change of subscribers.</summary>
internal sealed record SubscribersBody(string[] Add, string[] Remove)
{
    public static readonly JsonBody.Parser<SubscribersBody> Parser = Parse;

    private static SubscribersBody? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors)
    {
        var fields = new BodyFields(utf8, errors);
        string[]? add = null, remove = null;
        while (fields.Next())
        {
            if (fields.Is("add"u8)) fields.Texts(ref add);
            else if (fields.Is("remove"u8)) fields.Texts(ref remove);
            else fields.Unknown();
        }
        UserList.Check(errors, "add", add);
        UserList.Check(errors, "remove", remove);
        if (!errors.IsEmpty) return null;
        var count = (add?.Length ?? 0) + (remove?.Length ?? 0);
        if (count is 0 or > TopicLimits.MaxUsers) errors.Add(FieldErrors.Whole, $"Must have 1 to {TopicLimits.MaxUsers} users in add and remove together; this has {count}.");
        else if (add is not null && remove is not null && add.Intersect(remove, StringComparer.Ordinal).FirstOrDefault() is { } both) errors.Add("remove", $"Has '{both}', who is in add too.");
        return new([.. (add ?? []).Distinct(StringComparer.Ordinal)], [.. (remove ?? []).Distinct(StringComparer.Ordinal)]);
    }
}
