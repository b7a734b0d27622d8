namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a patch: the flags to set; null leaves one as it is.</summary>
internal sealed record PatchBody(bool? Read, bool? Archived)
{
    public static readonly JsonBody.Parser<PatchBody> Parser = Parse;

    private static PatchBody? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors)
    {
        var fields = new BodyFields(utf8, errors);
        bool? read = null, archived = null;
        while (fields.Next())
        {
            if (fields.Is("read"u8)) fields.Flag(ref read);
            else if (fields.Is("archived"u8)) fields.Flag(ref archived);
            else fields.Unknown();
        }
        if (errors.IsEmpty && read is null && archived is null) errors.Add("$", "At least one of read and archived has to be given.");
        return new(read, archived);
    }
}
