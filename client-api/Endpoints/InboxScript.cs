using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>
/// <c>/inbox.js</c>: the web components, and <c>/inbox-more.js</c>: those parts that a page loads when they are used; for a script tag of any page, also of another origin. Caches keep it for a day and revalidate it by its <c>ETag</c>;
/// <c>/inbox.js?v=…</c>, which a page changes with each version, is kept for a year.
/// </summary>
internal sealed class InboxScript
{
    private readonly byte[] _plain;
    private readonly Lazy<byte[]> _gzip, _brotli;
    private readonly EntityTagHeaderValue _tag;

    /// <param name="name">The file, which is embedded.</param>
    public InboxScript(string name)
    {
        _plain = Read(name);
        _gzip = new(() => Pack(into => new GZipStream(into, CompressionLevel.SmallestSize)));
        _brotli = new(() => Pack(into => new BrotliStream(into, CompressionLevel.SmallestSize)));
        _tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(_plain), 0, 8)}\"", isWeak: true);
    }

    public Task Answer(HttpContext http)
    {
        var (request, headers) = (http.Request, http.Response.Headers);
        headers.ETag = _tag.ToString();
        headers.CacheControl = request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "public, max-age=86400, stale-while-revalidate=604800";
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.AccessControlAllowOrigin = "*"; // module scripts are loaded by the rules of CORS
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        if (request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Compare(_tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        var (body, encoding) = Choose(request.GetTypedHeaders().AcceptEncoding);
        if (encoding is not null) headers.ContentEncoding = encoding;
        http.Response.ContentType = "text/javascript; charset=utf-8";
        http.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }

    private (byte[] Body, string? Encoding) Choose(IList<StringWithQualityHeaderValue> accepted)
    {
        if (Takes("br")) return (_brotli.Value, "br");
        return Takes("gzip") ? (_gzip.Value, "gzip") : (_plain, null);
        bool Takes(string name) => accepted.Any(one => one.Value.Equals(name, StringComparison.OrdinalIgnoreCase) && one.Quality is not 0);
    }

    private byte[] Pack(Func<Stream, Stream> packer)
    {
        using var packed = new MemoryStream();
        using (var into = packer(packed)) into.Write(_plain);
        return packed.ToArray();
    }

    private static byte[] Read(string name)
    {
        using var resource = typeof(InboxScript).Assembly.GetManifestResourceStream(name)!;
        var script = new byte[resource.Length];
        resource.ReadExactly(script);
        return script;
    }
}
