namespace OrleansInbox.ClientApi.Requests;

/// <summary>Whether users may subscribe themselves to a topic.</summary>
internal sealed record OpenBody(bool IsOpen)
{
    public static readonly JsonBody.Parser<OpenBody> Parser = Parse;

    private static OpenBody? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors)
    {
        var fields = new BodyFields(utf8, errors);
        bool? open = null;
        while (fields.Next())
        {
            if (fields.Is("open"u8)) fields.Flag(ref open);
            else fields.Unknown();
        }
        if (errors.IsEmpty && open is null) errors.Add("open", "Is required.");
        return new(open == true);
    }
}
