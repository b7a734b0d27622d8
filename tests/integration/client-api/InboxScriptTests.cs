using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace OrleansInbox.Tests.ClientApi;

[Collection(SqliteApi.Name)]
public sealed class InboxScriptTests(SqliteApi api)
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Every_front_end_serves_the_web_components_to_pages_of_any_origin(string environment)
    {
        await using var server = await ApiServer.Start(redis: null, environment);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/inbox.js") { Headers = { { "Origin", "https://elsewhere.example" } } };

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("inbox-bell", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("cross-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal(TimeSpan.FromDays(1), answer.Headers.CacheControl!.MaxAge);
        var more = await http.GetAsync("/inbox-more.js?open1.0&v=1"); // what a page loads when it is used
        Assert.Equal(("text/javascript", "*", TimeSpan.FromDays(365)), (more.Content.Headers.ContentType!.MediaType, more.Headers.GetValues("Access-Control-Allow-Origin").Single(), more.Headers.CacheControl!.MaxAge));
        Assert.Contains("datetime-local", await more.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_sent_again_only_when_it_changed()
    {
        using var http = new HttpClient { BaseAddress = api.Server.Address };
        var tag = (await http.GetAsync("/inbox.js")).Headers.ETag!;

        Assert.Equal(HttpStatusCode.NotModified, (await Get(tag)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get(new("\"another\""))).StatusCode);
        Assert.Equal(TimeSpan.FromDays(365), (await http.GetAsync("/inbox.js?v=1")).Headers.CacheControl!.MaxAge);

        async Task<HttpResponseMessage> Get(EntityTagHeaderValue known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/inbox.js") { Headers = { IfNoneMatch = { known } } };
            return await http.SendAsync(request);
        }
    }

    [Theory]
    [InlineData(DecompressionMethods.None, null)]
    [InlineData(DecompressionMethods.GZip, "gzip")]
    [InlineData(DecompressionMethods.Brotli, "br")]
    [InlineData(DecompressionMethods.All, "br")]
    public async Task It_is_packed_as_the_browser_takes_it(DecompressionMethods methods, string? encoding)
    {
        using var http = new HttpClient { BaseAddress = api.Server.Address };
        var plain = await http.GetByteArrayAsync("/inbox.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/inbox.js");
        foreach (var (method, name) in new[] { (DecompressionMethods.GZip, "gzip"), (DecompressionMethods.Deflate, "deflate"), (DecompressionMethods.Brotli, "br") })
            if (methods.HasFlag(method)) request.Headers.AcceptEncoding.Add(new(name));

        using var answer = await http.SendAsync(request);

        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(plain, await Unpacked(answer));
        using var head = await http.SendAsync(new(HttpMethod.Head, "/inbox.js"));
        Assert.Equal(plain.Length, head.Content.Headers.ContentLength);
    }

    private static async Task<byte[]> Unpacked(HttpResponseMessage answer)
    {
        var packed = await answer.Content.ReadAsStreamAsync();
        await using Stream body = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "gzip" => new GZipStream(packed, CompressionMode.Decompress),
            _ => packed,
        };
        using var all = new MemoryStream();
        await body.CopyToAsync(all);
        return all.ToArray();
    }
}
