using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Storage.Sqlite;
using StackExchange.Redis;

namespace OrleansInbox.Tests.ClientApi;

public sealed class FullRedisTests : FullStorageTests
{
    private RedisServer _redis = null!;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    protected override async Task<string?> Storage() => (_redis = await RedisServer.Start()).Address;

    protected override async Task Fill()
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync(_redis.Address + ",allowAdmin=true");
        var server = admin.GetServers()[0];
        // What our connection and its buffers take comes and goes: less than is stored, more than is there without it.
        var used = long.Parse((await server.InfoAsync("memory")).First().First(pair => pair.Key == "used_memory").Value, System.Globalization.CultureInfo.InvariantCulture);
        await server.ConfigSetAsync("maxmemory", (used - 300_000).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Full by <c>max_page_count</c>, which makes SQLite answer SQLITE_FULL: a file system that is full needs root.</summary>
public sealed class FullSqliteTests : FullStorageTests
{
    protected override Task<string?> Storage() => Task.FromResult<string?>(null);

    protected override Task Fill() => Server.Services.GetRequiredService<SqliteDatabase>().Write(session =>
    {
        session.Run("PRAGMA max_page_count = 1"); // becomes what it has now
        return true;
    });
}

/// <summary>Storage is full: nothing is taken, and it can be emptied through the API and then goes on.</summary>
public abstract class FullStorageTests : IAsyncLifetime
{
    private static readonly string _big = $$"""{"type":"t","title":"T","data":"{{new string('x', 12_000)}}"}""";
    private HttpClient _publisher = null!;

    protected ApiServer Server { get; private set; } = null!;

    /// <summary>For <c>ConnectionStrings:Redis</c>; null for SQLite.</summary>
    protected abstract Task<string?> Storage();

    /// <summary>From now on storage does not grow.</summary>
    protected abstract Task Fill();

    public async Task InitializeAsync()
    {
        Server = await ApiServer.Start(await Storage());
        _publisher = Server.Publisher();
    }

    public virtual async Task DisposeAsync() => await Server.DisposeAsync();

    [Theory]
    [InlineData("erase"), InlineData("delete all"), InlineData("delete each")]
    public async Task A_full_storage_is_emptied_through_the_API_and_goes_on(string how)
    {
        var ids = new List<string>();
        for (var i = 0; i < 60; i++) ids.Add(await Published());
        await Published("bob");
        await Fill();
        await Eventually.Is(async () => await Publish("bob") == HttpStatusCode.ServiceUnavailable, "a publish to be refused");
        await Eventually.Is(async () => await Ready() == HttpStatusCode.ServiceUnavailable, "the server not to be ready");

        Assert.Equal(HttpStatusCode.OK, await Mark("read", $$"""{"ids":["{{ids[0]}}"]}""")); // as large as before
        if (how == "erase") Assert.Equal(HttpStatusCode.NoContent, await Delete("notifications"));
        else if (how == "delete all") Assert.Equal(HttpStatusCode.OK, await Mark("delete", """{"all":true}"""));
        else foreach (var id in ids) Assert.Equal(HttpStatusCode.NoContent, await Delete($"notifications/{id}"));

        Assert.Equal(0, (int)(await Counts())["total"]!);
        await Eventually.Is(async () => await Publish("bob") == HttpStatusCode.Created, "a publish to be taken again");
        await Eventually.Is(async () => await Ready() == HttpStatusCode.OK, "the server to be ready");
        Assert.Equal(HttpStatusCode.Created, await Publish("ann"));
        Assert.Equal(1, (int)(await Counts())["total"]!);
    }

    private async Task<string> Published(string user = "ann")
    {
        using var answer = await _publisher.PostAsync(ApiFixture.Path(user), ApiFixture.Json(_big));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await ApiFixture.Body(answer))["id"]!.GetValue<string>();
    }

    private async Task<HttpStatusCode> Publish(string user)
    {
        using var answer = await _publisher.PostAsync(ApiFixture.Path(user), ApiFixture.Json(_big));
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> Mark(string action, string body)
    {
        using var answer = await _publisher.PostAsync(ApiFixture.Path("ann", $"notifications/{action}"), ApiFixture.Json(body));
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> Delete(string path)
    {
        using var answer = await _publisher.DeleteAsync(ApiFixture.Path("ann", path));
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> Ready()
    {
        using var answer = await Server.Client().GetAsync("/health/ready");
        return answer.StatusCode;
    }

    private async Task<JsonNode> Counts()
    {
        using var answer = await _publisher.GetAsync(ApiFixture.Path("ann", "counts"));
        return await ApiFixture.Body(answer);
    }
}
