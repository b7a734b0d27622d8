using System.Text;
using System.Text.RegularExpressions;

namespace OrleansInbox.Tests.Samples.Webhook;

/// <summary>An .eml as a mail program reads it.</summary>
/// <param name="Headers">In their order, unfolded and decoded.</param>
internal sealed partial record WrittenMail(IReadOnlyList<(string Name, string Value)> Headers, string Plain, string Html)
{
    public string Subject => Header("Subject");
    public string Header(string name) => Headers.Single(header => header.Name == name).Value;

    public static WrittenMail Read(string file)
    {
        var raw = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        Assert.True(Ascii.IsValid(raw));
        var lines = raw.Split("\r\n");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 78));
        Assert.DoesNotContain(lines, line => line.AsSpan().ContainsAny('\r', '\n'));
        var (headers, body) = Split(raw);
        var boundary = Boundary().Match(headers.Single(header => header.Name == "Content-Type").Value).Groups[1].Value;
        var parts = body.Split($"--{boundary}\r\n");
        Assert.Equal(["", "text/plain; charset=utf-8", "text/html; charset=utf-8"], parts.Select(part => part.Length == 0 ? "" : Split(part).Headers.Single(header => header.Name == "Content-Type").Value));
        Assert.EndsWith($"--{boundary}--\r\n", parts[2], StringComparison.Ordinal);
        return new(headers, Decoded(parts[1]), Decoded(parts[2].Replace($"--{boundary}--\r\n", "", StringComparison.Ordinal)));
    }

    private static (List<(string Name, string Value)> Headers, string Body) Split(string entity)
    {
        var end = entity.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var unfolded = entity[..end].Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n").Select(line => line.Split(": ", 2));
        return ([.. unfolded.Select(line => (line[0], EncodedWord().Replace(BetweenEncodedWords().Replace(line[1], ""), word => Text(word.Groups[1].Value))))], entity[(end + 4)..]);
    }

    private static string Decoded(string part)
    {
        var (headers, body) = Split(part);
        Assert.Contains(("Content-Transfer-Encoding", "base64"), headers);
        return Text(body);
    }

    private static string Text(string base64) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64));

    [GeneratedRegex("boundary=\"([^\"]+)\"")]
    private static partial Regex Boundary();

    [GeneratedRegex(@"=\?UTF-8\?B\?([^? ]*)\?=")]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(?<=\?=) (?==\?)")]
    private static partial Regex BetweenEncodedWords();
}
