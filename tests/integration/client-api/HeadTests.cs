using System.Net;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>HEAD is GET without the body (RFC 9110 §9.3.2).</summary>
[Collection(SqliteApi.Name)]
public sealed class HeadTests(SqliteApi api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Theory]
    [InlineData("notifications", 200)]
    [InlineData("notifications?limit=x", 400)]
    [InlineData("notifications/1-1", 404)]
    [InlineData("counts", 200)]
    [InlineData("counts?type=t", 200)]
    public async Task An_inbox_answers_as_to_GET(string rest, int status)
    {
        await api.Publish(_user);
        await IsLikeGet(ApiFixture.Path(_user, rest), status);
    }

    [Theory]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/nothing", 404)]
    public Task So_does_the_rest(string path, int status) => IsLikeGet(path, status);

    [Fact]
    public async Task A_stream_has_its_headers_and_ends()
    {
        using var head = await Send(HttpMethod.Head, ApiFixture.Path(_user, "stream"));
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType!.MediaType));
        Assert.Equal("no", Assert.Single(head.Headers.GetValues("X-Accel-Buffering")));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    private async Task IsLikeGet(string path, int status)
    {
        using var get = await Send(HttpMethod.Get, path);
        using var head = await Send(HttpMethod.Head, path);
        Assert.Equal((status, status), ((int)get.StatusCode, (int)head.StatusCode));
        Assert.Equal(Headers(get), Headers(head));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    private static string[] Headers(HttpResponseMessage response) =>
        [.. response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length")).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order()];

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        return await api.Publisher.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
