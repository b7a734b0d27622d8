using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>Reads a JSON body and parses it in the server's own buffer.</summary>
internal static class RequestBody
{
    /// <returns>What was parsed, or the problem with it.</returns>
    public static async ValueTask<(T? Value, Problem? Problem)> Read<T>(HttpContext http, JsonBody.Parser<T> parser, int maxBytes = JsonBody.MaxBytes) where T : class
    {
        if (!IsJson(http.Request.ContentType))
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "Send the body as application/json in UTF-8."));
        if (http.Request.Headers.ContentEncoding.ToString() is not "" and not "identity")
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "Send the body without Content-Encoding: a request is not unpacked here."));
        // Kestrel refuses by it what says that it is larger, before the body comes.
        if (maxBytes != JsonBody.MaxBytes && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = maxBytes;
        var reader = http.Request.BodyReader;
        ReadResult read;
        try
        {
            read = await reader.ReadAsync();
            while (!read.IsCompleted && read.Buffer.Length <= maxBytes)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await reader.ReadAsync();
            }
        }
        catch (IOException broken)
        {
            // Kestrel cannot read this connection any more. It would try for the next request, or to drain this body, and log an error (dotnet/aspnetcore#17840).
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            if (broken is ConnectionResetException) http.Abort();
            if (broken is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }) return (null, TooLarge(maxBytes));
            if (broken is ConnectionResetException or BadHttpRequestException) throw;
            throw new BadHttpRequestException("The body's chunks are not valid.", StatusCodes.Status400BadRequest, broken); // a chunk of 2 GiB or more
        }
        try
        {
            return read.Buffer.Length > maxBytes ? (null, TooLarge(maxBytes)) : Parse(read.Buffer, parser);
        }
        finally
        {
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    public static Problem TooLarge(int maxBytes) => new(StatusCodes.Status413PayloadTooLarge, JsonBody.TooLarge(maxBytes));

    private static (T?, Problem?) Parse<T>(in ReadOnlySequence<byte> body, JsonBody.Parser<T> parser) where T : class
    {
        if (body.IsSingleSegment) return Parse(body.FirstSpan, parser);
        var rented = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(rented);
            return Parse(rented.AsSpan(0, (int)body.Length), parser);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static (T?, Problem?) Parse<T>(ReadOnlySpan<byte> utf8, JsonBody.Parser<T> parser) where T : class
    {
        var errors = new FieldErrors();
        var value = JsonBody.Parse(utf8, parser, errors);
        return errors.IsEmpty ? (value, null) : (null, Problem.Invalid(errors.ToDictionary()));
    }

    private static bool IsJson(string? contentType)
    {
        const string Json = "application/json";
        if (contentType is null || !contentType.StartsWith(Json, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = contentType.AsSpan(Json.Length).Trim();
        if (rest.IsEmpty) return true;
        if (rest[0] != ';') return false;
        rest = rest[1..].Trim();
        return !rest.StartsWith("charset=", StringComparison.OrdinalIgnoreCase) || rest["charset=".Length..].Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase);
    }
}
