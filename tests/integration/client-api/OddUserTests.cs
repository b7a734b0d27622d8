using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class OddUsersOnRedis(RedisApi api) : OddUserTests(api);

[Collection(SqliteApi.Name)]
public sealed class OddUsersOnSqlite(SqliteApi api) : OddUserTests(api);

/// <summary>Any id is legal that is 1 to 128 bytes of UTF-8 without control characters, but for three that a path cannot name. Requests are written by hand, because HTTP clients tidy paths up.</summary>
public abstract class OddUserTests(ApiFixture api)
{
    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("a%252Fb", "a%25252Fb")]
    [InlineData("{tenant}:{user}", "%7Btenant%7D:%7buser%7d")]
    [InlineData("...", "%2E%2e.")]
    [InlineData("Me", "Me")]
    [InlineData("/", "%2F")]
    [InlineData("😀 ü", "%F0%9F%98%80%20%C3%BC")]
    [InlineData("a+b", "a+b")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("default/ann", "default%2Fann")]
    [InlineData("-", "-")]
    public async Task An_odd_user_has_an_inbox_of_its_own(string user, string encoded)
    {
        Assert.Equal(201, await Status("POST", encoded, ApiServer.PublisherKey));
        var own = api.Server.User(user);
        var page = await ApiFixture.Body(await own.GetAsync("/v1/users/me/notifications"));
        Assert.Equal($"for {encoded}", Assert.Single(page["items"]!.AsArray())!["title"]!.GetValue<string>());
        Assert.Equal(204, await Status("DELETE", encoded, ApiServer.PublisherKey));
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("a%0Ab")]
    [InlineData("%7F")]
    [InlineData("%2")]
    [InlineData("%zz")]
    [InlineData("%ED%A0%80")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2E%2e")]
    [InlineData("%2E")]
    [InlineData("me")]
    [InlineData("m%65")]
    public async Task An_illegal_user_is_400(string encoded) => Assert.Equal(400, await Status("POST", encoded, ApiServer.PublisherKey));

    [Fact]
    public async Task The_limit_is_in_bytes()
    {
        Assert.Equal(201, await Status("POST", string.Concat(Enumerable.Repeat("%F0%9F%98%80", 32)), ApiServer.PublisherKey));
        Assert.Equal(400, await Status("POST", string.Concat(Enumerable.Repeat("%F0%9F%98%80", 32)) + "a", ApiServer.PublisherKey));
        Assert.Equal(400, await Status("POST", new string('a', 129), ApiServer.PublisherKey));
        Assert.Equal(404, await Status("POST", "", ApiServer.PublisherKey));
    }

    /// <summary>The target as it stands, over a socket.</summary>
    private async Task<int> Status(string method, string encodedUser, string key)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Server.Address.Host, api.Server.Address.Port);
        var body = method == "POST" ? $$"""{"type":"t","title":"for {{encodedUser[..Math.Min(200, encodedUser.Length)]}}"}""" : "";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"{method} /v1/users/{encodedUser}/notifications HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ApiKey {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        using var reader = new StreamReader(client.GetStream());
        return int.Parse((await reader.ReadToEndAsync())["HTTP/1.1 ".Length..][..3], System.Globalization.CultureInfo.InvariantCulture);
    }
}
