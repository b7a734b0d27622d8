using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansInbox.ClientApi.Results;

/// <summary>Counts with their <c>ETag</c>; 304 when the caller has them already (RFC 9110 §13.1.2).</summary>
/// <param name="counts">From the grain's memory.</param>
/// <param name="poll">True for the poll, which may be answered by 304; false for a mark, which is answered in full.</param>
internal sealed class CountsResult(InboxCounts counts, bool poll) : IResult
{
    /// <summary>Seconds that a client should leave between two polls; one that wants changes sooner opens the stream.</summary>
    private const string PollInterval = "30";

    /// <summary>The types that alone were counted; null: all. Their counts have an <c>ETag</c> of their own.</summary>
    public string[]? Types { get; init; }

    /// <summary>Of a mark that can be taken back.</summary>
    public string? Undo { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.CacheControl = poll ? "private, no-cache" : "no-store";
        if (poll)
        {
            var tag = Tag();
            response.Headers.ETag = tag;
            response.Headers["X-Poll-Interval"] = PollInterval;
            response.Headers.Vary = "Authorization";
            if (Matches(httpContext.Request.Headers.IfNoneMatch, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        response.ContentType = RenderedJsonResult.ContentType;
        var body = new ArrayBufferWriter<byte>(256);
        NotificationJson.WriteCounts(body, counts, Undo);
        response.ContentLength = body.WrittenCount;
        return response.Body.WriteAsync(body.WrittenMemory).AsTask();
    }

    private string Tag()
    {
        var view = $"{counts.Head?.ToString() ?? "none"}.{counts.Version}";
        return Types is null ? $"\"{view}\"" : $"\"{view}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(',', Types))), 0, 8)}\"";
    }

    /// <summary>Weak comparison (RFC 9110 §8.8.3.2): <c>W/</c> is ignored.</summary>
    private static bool Matches(StringValues ifNoneMatch, string tag)
    {
        foreach (var line in ifNoneMatch)
            foreach (var range in line.AsSpan().Split(','))
            {
                var known = line.AsSpan(range).Trim();
                if (known.StartsWith("W/")) known = known[2..];
                if (known is "*" || known.SequenceEqual(tag)) return true;
            }
        return false;
    }
}
