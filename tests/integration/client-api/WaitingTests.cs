using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class WaitingOnRedis(RedisApi api) : WaitingTests(api);

[Collection(SqliteApi.Name)]
public sealed class WaitingOnSqlite(SqliteApi api) : WaitingTests(api);

/// <summary>Later, over HTTP.</summary>
public abstract class WaitingTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser();

    private static string At(double hours) => DateTimeOffset.UtcNow.AddHours(hours).ToString("O");

    [Fact]
    public async Task A_scheduled_one_is_listed_and_cancelled()
    {
        var first = await Schedule(2, "second");
        var other = await Schedule(1, "first");
        var page = await api.Get(ApiFixture.Path(_user, "scheduled?limit=1"));
        Assert.Equal((other, "first"), (page["items"]![0]!["scheduled"]!.GetValue<string>(), page["items"]![0]!["title"]!.GetValue<string>()));
        var next = await api.Publisher.GetAsync(ApiFixture.Path(_user, "scheduled?limit=1&after=" + page["next"]!.GetValue<string>()));
        Assert.Equal((first, null), ((await ApiFixture.Body(next))["items"]![0]!["scheduled"]!.GetValue<string>(), (await ApiFixture.Body(next))["next"]?.GetValue<string>()));
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "scheduled/" + first))).StatusCode);
        Assert.Equal([other], (await api.Get(ApiFixture.Path(_user, "scheduled")))["items"]!.AsArray().Select(item => item!["scheduled"]!.GetValue<string>()));
        Assert.Equal(0, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task It_comes_at_its_time_to_open_streams_and_cannot_be_cancelled_then()
    {
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        var name = await Schedule(0.5 / 3_600, "soon");
        var (kind, data) = (await events.Next())!.Value;
        var item = data.GetProperty("item");
        Assert.Equal(("added", "soon"), (kind, item.GetProperty("title").GetString()));
        Assert.InRange(item.GetProperty("createdAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddSeconds(-30), DateTimeOffset.UtcNow.AddSeconds(1));
        var refused = await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "scheduled/" + name));
        Assert.Equal((HttpStatusCode.Conflict, item.GetProperty("id").GetString()), (refused.StatusCode, (await ApiFixture.Body(refused))["id"]!.GetValue<string>()));
        Assert.Equal(201, (await Publish($$"""{"type":"t","title":"T","deliverAt":"{{At(-1)}}"}""")).Status);
    }

    [Fact]
    public async Task A_request_that_comes_again_is_answered_with_the_first_name()
    {
        var body = $$"""{"type":"t","title":"T","deliverAt":"{{At(1)}}"}""";
        var (status, first, replayed) = await Publish(body, "key");
        Assert.Equal((202, false), (status, replayed));
        Assert.Equal((202, first["scheduled"]!.GetValue<string>(), true), await Publish(body, "key") is var again ? (again.Status, again.Body["scheduled"]!.GetValue<string>(), again.Replayed) : default);
        var refused = await Publish("""{"type":"t","title":"T"}""", "key");
        Assert.Equal(422, refused.Status);
        Assert.Contains(first["scheduled"]!.GetValue<string>(), refused.Body["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snooze_takes_it_out_and_its_end_brings_it_back_live()
    {
        var id = await api.Publish(_user);
        using var user = api.Server.User(_user);
        using var events = await EventReader.Open(user, ApiFixture.Path("me", "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        Assert.Equal((0, 0), Counts(await Post(user, "notifications/snooze", $$"""{"ids":["{{id}}"],"until":"{{At(1)}}"}""")));
        var (name, data) = (await events.Next())!.Value;
        Assert.Equal(("removed", id), (name, data.GetProperty("ids")[0].GetString()));
        var snoozed = (await api.Get(ApiFixture.Path(_user, "snoozed")))["items"]!.AsArray();
        Assert.Equal(id, Assert.Single(snoozed)!["id"]!.GetValue<string>());
        Assert.InRange(snoozed[0]!["until"]!.GetValue<DateTimeOffset>(), DateTimeOffset.UtcNow.AddMinutes(59), DateTimeOffset.UtcNow.AddMinutes(61));
        for (var i = 0; i < 2; i++) Assert.Equal((1, 1), Counts(await Post(user, "unsnooze", $$"""{"ids":["{{id}}"]}""")));
        (name, data) = (await events.Next())!.Value;
        Assert.Equal(("added", id), (name, data.GetProperty("item").GetProperty("snoozedFrom").GetString()));
    }

    [Theory]
    [InlineData("""{"ids":[],"until":"$1"}""", "ids")]
    [InlineData("""{"until":"$1"}""", "ids")]
    [InlineData("""{"ids":["1-1"]}""", "until")]
    [InlineData("""{"ids":["1-1"],"until":"$0.001"}""", "until")]
    [InlineData("""{"ids":["1-1"],"until":"$9000"}""", "until")]
    [InlineData("""{"ids":["1-1"],"until":"tomorrow"}""", "until")]
    [InlineData("""{"ids":["1-1"],"until":"$1","zone":"Europe/Berlin"}""", "zone")]
    public async Task A_snooze_that_is_wrong_is_named(string body, string field)
    {
        var time = System.Text.RegularExpressions.Regex.Match(body, @"\$([\d.]+)").Groups[1].Value;
        if (time.Length > 0) body = body.Replace("$" + time, At(double.Parse(time, System.Globalization.CultureInfo.InvariantCulture)), StringComparison.Ordinal);
        var errors = await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/snooze"), ApiFixture.Json(body)));
        Assert.Equal([field], errors.Select(error => error.Key));
    }

    [Fact]
    public async Task Schedules_that_are_wrong_are_named_and_are_publishers_alone()
    {
        Assert.Equal(["deliverAt"], (await ApiFixture.Errors(await Send($$"""{"type":"t","title":"T","deliverAt":"{{At(9_000)}}"}"""))).Select(error => error.Key));
        Assert.Contains("after deliverAt", (await ApiFixture.Errors(await Send($$"""{"type":"t","title":"T","deliverAt":"{{At(2)}}","expiresAt":"{{At(1)}}"}""")))["expiresAt"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["after", "limit"], (await ApiFixture.Errors(await api.Publisher.GetAsync(ApiFixture.Path(_user, "scheduled?after=x&limit=0")))).Select(error => error.Key).Order());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "scheduled/x"))).StatusCode);
        using var user = api.Server.User(_user);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync(ApiFixture.Path(_user, "scheduled"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.DeleteAsync(ApiFixture.Path(_user, "scheduled/" + await Schedule(1, "T")))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await user.GetAsync(ApiFixture.Path(_user, "snoozed"))).StatusCode);
    }

    [Fact]
    public async Task What_waits_is_in_an_export_and_gone_when_its_person_is_forgotten()
    {
        var id = await api.Publish(_user);
        await Post(api.Publisher, "notifications/snooze", $$"""{"ids":["{{id}}"],"until":"{{At(1)}}"}""");
        var name = await Schedule(1, "T");
        var lines = (await api.Publisher.GetStringAsync(ApiFixture.Path(_user, "export"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal((name, id), (lines[1]["scheduled"]!["scheduled"]!.GetValue<string>(), lines[2]["snoozed"]!["id"]!.GetValue<string>()));
        Assert.Equal(4, lines.Count);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync($"/v1/users/{_user}")).StatusCode);
        foreach (var list in new[] { "scheduled", "snoozed" }) Assert.Empty((await api.Get(ApiFixture.Path(_user, list)))["items"]!.AsArray());
    }

    [Fact]
    public async Task An_inbox_in_which_as_many_wait_as_may_refuses_more()
    {
        for (var i = 0; i < InboxLimits.MaxWaiting; i += 50) await Task.WhenAll(Enumerable.Range(i, 50).Select(n => Schedule(1, $"{n}")));
        var refused = await Send($$"""{"type":"t","title":"T","deliverAt":"{{At(1)}}"}""");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("1,000", (await ApiFixture.Body(refused))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await api.Publish(_user);
        var all = new List<string>();
        for (var after = ""; ;)
        {
            var page = await api.Get(ApiFixture.Path(_user, "scheduled?limit=100" + after));
            all.AddRange(page["items"]!.AsArray().Select(item => item!["title"]!.GetValue<string>()));
            if (page["next"] is not { } next) break;
            after = "&after=" + next.GetValue<string>();
        }
        Assert.Equal(Enumerable.Range(0, InboxLimits.MaxWaiting), all.Select(int.Parse).Order());
    }

    private Task<HttpResponseMessage> Send(string body) => api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json(body));

    private async Task<string> Schedule(double hours, string title) =>
        (await Publish($$"""{"type":"t","title":"{{title}}","deliverAt":"{{At(hours)}}"}""")) is (202, var body, _) ? body["scheduled"]!.GetValue<string>() : throw new InvalidOperationException("It was not scheduled.");

    private async Task<(int Status, JsonNode Body, bool Replayed)> Publish(string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await api.Publisher.SendAsync(request);
        return ((int)response.StatusCode, await ApiFixture.Body(response), response.Headers.Contains("Idempotent-Replayed"));
    }

    private async Task<JsonNode> Post(HttpClient client, string path, string body)
    {
        using var response = await client.PostAsync(ApiFixture.Path(_user, path), ApiFixture.Json(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ApiFixture.Body(response);
    }

    private static (int Unread, int Total) Counts(JsonNode counts) => (counts["unread"]!.GetValue<int>(), counts["total"]!.GetValue<int>());
}
