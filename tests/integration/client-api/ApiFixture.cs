using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>One server for the tests of one storage; each test has users of its own.</summary>
public abstract class ApiFixture : IAsyncLifetime
{
    private static int _users;

    public ApiServer Server { get; private set; } = null!;
    public HttpClient Publisher { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Server = await ApiServer.Start(await Storage());
        Publisher = Server.Publisher();
    }

    public virtual async Task DisposeAsync() => await Server.DisposeAsync();

    public static string NewUser() => $"user-{Interlocked.Increment(ref _users)}";

    public static string Path(string user, string rest = "notifications") => $"/v1/users/{Uri.EscapeDataString(user)}/{rest}";

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    /// <returns>The id.</returns>
    public async Task<string> Publish(string user, string json = """{"type":"t","title":"T"}""")
    {
        var response = await Publisher.PostAsync(Path(user), Json(json));
        Assert.Equal(201, (int)response.StatusCode);
        return (await Body(response))["id"]!.GetValue<string>();
    }

    public async Task<JsonNode> Get(string path) => (await Publisher.GetFromJsonAsync<JsonNode>(path))!;

    public static async Task<JsonNode> Body(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    /// <summary>Field → reasons of a 400.</summary>
    public static async Task<JsonObject> Errors(HttpResponseMessage response)
    {
        Assert.Equal(400, (int)response.StatusCode);
        return (await Body(response))["errors"]!.AsObject();
    }

    /// <summary>For <c>ConnectionStrings:Redis</c>; null for SQLite.</summary>
    protected abstract Task<string?> Storage();
}
