using System.Net;
using System.Text;

namespace OrleansInbox.Client;

/// <summary>What the server says about a request that it did not do (RFC 9457).</summary>
public sealed record InboxProblem
{
    private static readonly Dictionary<string, IReadOnlyList<string>> _none = [];

    /// <summary>The HTTP status; 0 when there was no answer.</summary>
    public HttpStatusCode Status { get; init; }

    /// <summary>What kind of problem it is.</summary>
    public string? Title { get; init; }

    /// <summary>A sentence about this one.</summary>
    public string? Detail { get; init; }

    /// <summary>Field, named as in the JSON of the request, → reasons; empty when the problem is not about fields.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get => field ?? _none; init; }

    /// <summary>In one line.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        if (Status != 0) line.Append((int)Status).Append(' ');
        line.Append(Title ?? Status.ToString()).Append('.');
        if (Detail is not null) line.Append(' ').Append(Detail);
        foreach (var (field, reasons) in Errors) line.Append(' ').Append(field).Append(": ").AppendJoin(' ', reasons);
        return line.ToString();
    }
}
