using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>How a conversation ends.</summary>
internal enum Ending
{
    /// <summary>The last request asks the server to close: all answers are read.</summary>
    ServerCloses,

    /// <summary>The client sends no more in the middle of a request, and reads on.</summary>
    HalfClose,

    /// <summary>The client resets the connection, whatever the server is at.</summary>
    Reset,

    /// <summary>The client resets the connection after the first bytes of an answer.</summary>
    ResetWhenAnswered,
}

/// <summary>Requests that go over one connection without waiting for answers.</summary>
/// <param name="Number">With the seed it makes this conversation again.</param>
/// <param name="Pieces">What is sent, in pieces of its own.</param>
/// <param name="Methods">Of the requests, in order; empty when the requests cannot be told apart.</param>
/// <param name="IsPlain">No request is out of order: there is one answer for each.</param>
/// <param name="End">How it ends.</param>
internal sealed record Conversation(long Number, IReadOnlyList<byte[]> Pieces, IReadOnlyList<string> Methods, bool IsPlain, Ending End)
{
    /// <summary>As text of one line, for the report.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"conversation {Number}, {End}: ");
        foreach (var piece in Pieces)
        {
            foreach (var one in piece.AsSpan(0, Math.Min(piece.Length, 1_500)))
                text.Append(one switch { (byte)'\r' => "\\r", (byte)'\n' => "\\n", (byte)'\\' => "\\\\", >= 32 and < 127 => ((char)one).ToString(), _ => $"\\x{one:x2}" });
            text.Append(piece.Length > 1_500 ? $"… ({piece.Length} bytes) | " : " | ");
        }
        return text.ToString();
    }
}
