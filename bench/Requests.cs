using System.Globalization;
using System.Text;

namespace OrleansInbox.Bench;

/// <summary>Renders requests before the run, so that sending one is a copy.</summary>
internal static class Requests
{
    /// <summary>Stands in the title of every published notification; the digits behind it number the publishes of a run.</summary>
    public const string Marker = "bench:";
    public const int Digits = 10;

    private static readonly string[] Names = ["Ann", "Bob", "Chloe", "Dmitri", "Elif", "Femi", "Grace", "Hiro"];

    /// <summary>A publish as a product sends it: about 420 bytes of JSON. <paramref name="mark"/> must stay as long as it is, if it is patched.</summary>
    public static byte[] Publish(Target target, string user, int index, string mark)
    {
        var body = Notification(index, mark);
        return Encoding.ASCII.GetBytes(Head(target, "POST", $"/v1/users/{user}/notifications") +
            string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    /// <summary>Its body.</summary>
    public static string Notification(int index, string mark)
    {
        var name = Names[index % Names.Length];
        var id = name.ToLowerInvariant();
        return $$$"""
            {"type":"comment.created","title":"{{{name}}} commented on your post {{{Marker}}}{{{mark}}}","body":"I read it twice, and the part about the two queues is the best explanation of it so far. Thank you, {{{id}}}.","url":"/posts/{{{index}}}#comment-7","actor":{"id":"{{{id}}}","name":"{{{name}}}","avatarUrl":"https://img.example.com/{{{id}}}/64.png"},"data":{"post":{{{index}}},"comment":7,"tags":["queue","delivery"]}}
            """;
    }

    public static byte[] List(Target target, string user, int limit, string? before) =>
        Encoding.ASCII.GetBytes(Head(target, "GET", string.Create(CultureInfo.InvariantCulture, $"/v1/users/{user}/notifications?limit={limit}{(before is null ? "" : "&before=" + Uri.EscapeDataString(before))}")) + "Accept: application/json\r\n\r\n");

    /// <summary>A list of a type that nothing has.</summary>
    public static byte[] Filtered(Target target, string user) =>
        Encoding.ASCII.GetBytes(Head(target, "GET", $"/v1/users/{user}/notifications?limit=20&status=all&type=none") + "Accept: application/json\r\n\r\n");

    public static byte[] Get(Target target, string path) => Encoding.ASCII.GetBytes(Head(target, "GET", path) + "Accept: application/json\r\n\r\n");

    public static byte[] Post(Target target, string path, string body) =>
        Encoding.ASCII.GetBytes(Head(target, "POST", path) + string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    public static byte[] Stream(Target target, string user) =>
        Encoding.ASCII.GetBytes(Head(target, "GET", $"/v1/users/{user}/stream") + "Accept: text/event-stream\r\n\r\n");

    /// <summary>Run and number in the width of <see cref="Digits"/> each: what a stream finds behind the marker.</summary>
    public static string Mark(long run, long number) => string.Create(CultureInfo.InvariantCulture, $"{run:D10}.{number:D10}");

    private static string Head(Target target, string method, string path) =>
        $"{method} {path} HTTP/1.1\r\nHost: {target.Host}\r\n{(target.Authorization is { } value ? $"Authorization: {value}\r\n" : "")}";
}
