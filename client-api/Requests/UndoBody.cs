namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of an undo: the token of a mark's answer.</summary>
internal static class UndoBody
{
    public static readonly JsonBody.Parser<string> Parser = Parse;

    private static string? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors)
    {
        var fields = new BodyFields(utf8, errors);
        string? undo = null;
        while (fields.Next())
        {
            if (fields.Is("undo"u8)) fields.Text(ref undo);
            else fields.Unknown();
        }
        if (errors.IsEmpty && string.IsNullOrEmpty(undo)) errors.Add("undo", "Must be the undo of a mark's answer.");
        return undo;
    }
}
