using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansInbox.ClientApi.Development;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The first five minutes: no configuration at all.</summary>
public sealed class DevelopmentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-dev-");

    [Fact]
    public async Task Credentials_are_made_once_and_are_their_owners_alone()
    {
        await using var server = await Start();
        var keys = _folder.GetFiles("development-*");
        Assert.Equal(2, keys.Length);
        Assert.All(keys, key => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, key.UnixFileMode));

        var first = DevelopmentCredentials.ReadOrMake(_folder.FullName, TimeProvider.System);
        Assert.Equal(first.ApiKey, DevelopmentCredentials.ReadOrMake(_folder.FullName, TimeProvider.System).ApiKey);
        var created = await server.Publisher(first.ApiKey).PostAsync("/v1/users/ann/notifications", ApiFixture.Json("""{"type":"t","title":"T"}"""));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var list = await server.Client(new("Bearer", first.Token("ann"))).GetFromJsonAsync<JsonNode>("/v1/users/me/notifications");
        Assert.Single(list!["items"]!.AsArray());
    }

    [Fact]
    public async Task Tokens_are_for_who_has_the_key_and_for_nobody_else_wherever_the_request_seems_to_come_from()
    {
        await using var server = await Start();
        var key = (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "development-api-key"))).Trim();
        var user = await (await server.Publisher(key).PostAsync("/dev/token?user=b%C3%B6b", null)).Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal("böb", user!["user"]!.GetValue<string>());
        var böb = new AuthenticationHeaderValue("Bearer", user["token"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await server.Client(böb).GetAsync("/v1/users/me/counts")).StatusCode);
        var publisher = await (await server.Publisher(key).PostAsync("/dev/token?publisher=true", null)).Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal(HttpStatusCode.OK, (await server.Client(new("Bearer", publisher!["token"]!.GetValue<string>())).GetAsync("/v1/users/ann/counts")).StatusCode);

        foreach (var query in new[] { "user=ann", "publisher=true" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(query, null)); // from loopback, as all that a proxy here passes on
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(query, new("ApiKey", "guessed")));
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(query, böb)); // a user's token makes no others
            Assert.Equal(HttpStatusCode.OK, await Status(query, new("ApiKey", key)));
        }

        async Task<HttpStatusCode> Status(string query, AuthenticationHeaderValue? credentials)
        {
            using var answer = await server.Client(credentials).PostAsync("/dev/token?" + query, null);
            return answer.StatusCode;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<ApiServer> Start() => ApiServer.Start(redis: null, environment: "Development", credentials: false, settings: $"Inbox:DataPath={_folder.FullName}");
}
