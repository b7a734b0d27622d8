using System.Net;
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
    public async Task The_page_gets_tokens_and_a_foreign_name_does_not()
    {
        await using var server = await Start();
        var user = await (await server.Client().PostAsync("/dev/token?user=b%C3%B6b", null)).Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal("böb", user!["user"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await server.Client(new("Bearer", user["token"]!.GetValue<string>())).GetAsync("/v1/users/me/counts")).StatusCode);
        var publisher = await (await server.Client().PostAsync("/dev/token?publisher=true", null)).Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal(HttpStatusCode.OK, (await server.Client(new("Bearer", publisher!["token"]!.GetValue<string>())).GetAsync("/v1/users/ann/counts")).StatusCode);

        Assert.Equal(HttpStatusCode.Forbidden, await Status(("Host", "rebound.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(("X-Forwarded-For", "10.0.0.1")));

        async Task<HttpStatusCode> Status((string Name, string Value) header)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/dev/token?user=ann"));
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            using var plain = new HttpClient();
            return (await plain.SendAsync(request)).StatusCode;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<ApiServer> Start() => ApiServer.Start(redis: null, environment: "Development", credentials: false, settings: $"Inbox:DataPath={_folder.FullName}");
}
