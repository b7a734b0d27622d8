using System.Net;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class TopicsOnRedis(RedisApi api) : TopicTests(api);

[Collection(SqliteApi.Name)]
public sealed class TopicsOnSqlite(SqliteApi api) : TopicTests(api);

/// <summary>Topics, over HTTP.</summary>
public abstract class TopicTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser() + " ü/{x}";
    private readonly string _topic = "topic:" + ApiFixture.NewUser();

    private string Path(string rest = "") => $"/v1/topics/{_topic}{rest}";

    private string Subscriber(string user) => Path("/subscribers/" + Uri.EscapeDataString(user));

    [Fact]
    public async Task Publishers_subscribe_users_and_see_who_is()
    {
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.PutAsync(Subscriber(_user), null)).StatusCode);
        Assert.Equal("""{"subscribed":true,"open":false}""", await Text(Subscriber(_user)));
        Assert.Equal("""{"subscribed":false,"open":false}""", await Text(Subscriber("%2F")));
        Assert.Equal("""{"open":false,"subscribers":1}""", await Text(Path()));
        Assert.Equal(HttpStatusCode.NoContent, (await Change("""{"add":["bob","ann","bob"],"remove":["never"]}""")).StatusCode);
        Assert.Equal("""{"users":["ann","bob"],"next":"bob"}""", await Text(Path("/subscribers?limit=2")));
        Assert.Equal($$"""{"users":["{{_user}}"],"next":null}""", await Text(Path("/subscribers?limit=2&after=bob")));
        Assert.Equal($$"""{"topics":["{{_topic}}"]}""", await Text(ApiFixture.Path(_user, "topics")));
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(Subscriber(_user))).StatusCode);
        Assert.Equal("""{"topics":[]}""", await Text(ApiFixture.Path(_user, "topics")));
        Assert.Equal(HttpStatusCode.OK, (await api.Publisher.SendAsync(new(HttpMethod.Head, Path()))).StatusCode);
        using var other = api.Server.Publisher(ApiServer.OtherKey);
        Assert.Equal("""{"users":[],"next":null}""", await other.GetStringAsync(Path("/subscribers")));
    }

    [Fact]
    public async Task A_user_subscribes_where_the_topic_is_open_and_nobody_else_then()
    {
        using var user = api.Server.User(_user);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.PutAsync(Subscriber("me"), null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.PutAsync(Path(), ApiFixture.Json("""{"open":true}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await user.PutAsync(Subscriber("me"), null)).StatusCode);
        Assert.Equal("""{"subscribed":true,"open":true}""", await user.GetStringAsync(Subscriber(_user)));
        Assert.Equal($$"""{"topics":["{{_topic}}"]}""", await user.GetStringAsync(ApiFixture.Path("me", "topics")));
        Assert.Equal(HttpStatusCode.NoContent, (await user.DeleteAsync(Subscriber("me"))).StatusCode);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            Assert.Equal(HttpStatusCode.Forbidden, (await user.SendAsync(new(method, Subscriber("somebody else")))).StatusCode);
        foreach (var (method, rest) in new[] { ("GET", ""), ("PUT", ""), ("GET", "/subscribers"), ("POST", "/subscribers"), ("POST", "/notifications"), ("DELETE", "/keys/k") })
            Assert.Equal(HttpStatusCode.Forbidden, (await user.SendAsync(new(new(method), Path(rest)))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync($"/v1/jobs/{_topic}~1")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync(ApiFixture.Path("somebody else", "topics"))).StatusCode);
        using var nobody = api.Server.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Path())).StatusCode);
    }

    [Fact]
    public async Task A_publish_reaches_all_but_those_left_out_and_its_job_tells_how_far_it_is()
    {
        await Change($$"""{"add":["{{_user}}","{{_user}}2","{{_user}}3"]}""");
        await api.Publisher.PutAsync(ApiFixture.Path(_user + "3", "preferences"), ApiFixture.Json($$$"""{"mute":{"topics":["{{{_topic}}}"]}}"""));
        var response = await Publish($$"""{"type":"t","title":"T","key":"k/1","except":["{{_user}}2"]}""", "key");
        Assert.Equal(($$"""{"job":"{{_topic}}~1","of":3}""", $"/v1/jobs/{_topic}~1"), (await response.Content.ReadAsStringAsync(), response.Headers.Location!.OriginalString));
        var again = await Publish($$"""{"type":"t","title":"T","key":"k/1","except":["{{_user}}2"]}""", "key");
        Assert.Equal((HttpStatusCode.Accepted, $"/v1/jobs/{_topic}~1", "true"), (again.StatusCode, again.Headers.Location!.OriginalString, again.Headers.GetValues("Idempotent-Replayed").Single()));
        var reused = await Publish("""{"type":"t","title":"T","key":"k/1"}""", "key");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reused.StatusCode);
        Assert.Contains(_topic + "~1", (string)(await ApiFixture.Body(reused))["detail"]!, StringComparison.Ordinal);
        Assert.Equal("""{"state":"done","reached":1,"muted":1,"failed":0,"of":3}""", await Done(response));
        Assert.Single((await api.Get(ApiFixture.Path(_user)))["items"]!.AsArray());
        Assert.Empty((await api.Get(ApiFixture.Path(_user + "2")))["items"]!.AsArray());
        await Change($$"""{"remove":["{{_user}}"]}""");
        var retract = await api.Publisher.DeleteAsync(Path("/keys/k%2F1"));
        Assert.Equal(HttpStatusCode.Accepted, retract.StatusCode);
        Assert.Equal("""{"state":"done","reached":3,"muted":0,"failed":0,"of":3}""", await Done(retract));
        Assert.Empty((await api.Get(ApiFixture.Path(_user)))["items"]!.AsArray());
        foreach (var unknown in (string[])["~9", "~0", "~", "~x", "~9223372036854775808", ""]) Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync($"/v1/jobs/{_topic}{unknown}")).StatusCode);
        using var other = api.Server.Publisher(ApiServer.OtherKey);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/v1/jobs/{_topic}~1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/v1/jobs/{_topic}~1/stream")).StatusCode);
    }

    [Fact]
    public async Task A_stream_of_a_job_ends_with_done()
    {
        await Change($$"""{"add":["{{_user}}"]}""");
        var job = (string)(await ApiFixture.Body(await Publish("""{"type":"t","title":"T"}""")))["job"]!;
        using var response = await api.Publisher.GetAsync($"/v1/jobs/{job}/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(("text/event-stream", "no"), (response.Content.Headers.ContentType!.MediaType, response.Headers.GetValues("X-Accel-Buffering").Single()));
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""event: done|data: {"state":"done","reached":1,"muted":0,"failed":0,"of":1}""", events[^1].Replace('\n', '|'));
        Assert.All(events.SkipLast(1), one => Assert.StartsWith("event: progress\ndata: {\"state\":\"running\",", one, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await api.Publisher.SendAsync(new(HttpMethod.Head, $"/v1/jobs/{job}/stream"))).StatusCode);
        await Refused(await api.Publisher.GetAsync($"/v1/jobs/{job}/stream?x=1"), "x");
    }

    [Fact]
    public async Task All_that_is_wrong_is_named_at_once()
    {
        await Refused(await Change("""{"add":["me",7],"remove":["\u0001"],"x":1}"""), "add", "add[0]", "remove[0]", "x");
        await Refused(await Change("{}"), "$");
        await Refused(await Change("""{"add":["ann"],"remove":["ann"]}"""), "remove");
        await Refused(await Change(Many("add", 1_001)), "$");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Change($$"""{"add":["{{new string('x', 300_000)}}"]}""")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await Change($$"""{"remove":["{{string.Join("\",\"", Enumerable.Range(0, 1_000).Select(i => new string('y', 100) + i))}}"]}""")).StatusCode); // more than 64 KiB
        await Refused(await api.Publisher.PutAsync(Path(), ApiFixture.Json("""{"closed":1}""")), "closed");
        await Refused(await api.Publisher.PutAsync(Path(), ApiFixture.Json("{}")), "open");
        await Refused(await Publish("""{"title":"","except":["."],"topic":"x"}"""), "title", "type", "except[0]", "topic");
        await Refused(await Publish("""{"type":"t","title":""}"""), "title");
        await Refused(await Publish("""{"type":"t","title":"","except":["."]}"""), "title", "except[0]");
        await Refused(await Publish("""{"type":"t","title":"T"}""", "\u007f"), "Idempotency-Key");
        await Refused(await Publish(Many("except", 1_001).Insert(1, "\"type\":\"t\",\"title\":\"T\",")), "except");
        await Refused(await api.Publisher.GetAsync(Path("/subscribers?limit=0&x=1")), "limit", "x");
        await Refused(await api.Publisher.GetAsync(Path("/subscribers?after=")), "after");
        await Refused(await api.Publisher.GetAsync(Path("?x=1")), "x");
        await Refused(await api.Publisher.GetAsync(ApiFixture.Path(_user, "topics?x=1")), "x");
        await Refused(await api.Publisher.GetAsync("/v1/topics/a~b"), "topic");
        await Refused(await api.Publisher.GetAsync("/v1/topics/%C3%BC"), "topic");
        await Refused(await api.Publisher.PutAsync("/v1/topics/a%2Fb/subscribers/ann", null), "topic");
        await Refused(await api.Publisher.PutAsync(Path("/subscribers/me"), null), "user");
        await Refused(await api.Publisher.PutAsync(Path("/subscribers/%FF"), null), "user");
        await Refused(await api.Publisher.DeleteAsync(Path("/keys/%01")), "key");
        Assert.Equal("""{"open":false,"subscribers":0}""", await Text(Path()));
    }

    [Fact]
    public async Task An_export_has_the_topics_and_of_who_is_forgotten_none_stays()
    {
        await Change($$"""{"add":["{{_user}}"]}""");
        var lines = (await api.Publisher.GetStringAsync(ApiFixture.Path(_user, "export"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($$"""{"topics":["{{_topic}}"]}""", lines[^2]);
        await api.Publisher.DeleteAsync(ApiFixture.Path(_user)); // erasing leaves them
        Assert.Equal("""{"open":false,"subscribers":1}""", await Text(Path()));
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "").TrimEnd('/'))).StatusCode);
        Assert.Equal("""{"open":false,"subscribers":0}""", await Text(Path()));
        Assert.DoesNotContain("topics", await api.Publisher.GetStringAsync(ApiFixture.Path(_user, "export")), StringComparison.Ordinal);
    }

    private static string Many(string member, int count) => $$"""{"{{member}}":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i}\""))}}]}""";

    private Task<HttpResponseMessage> Change(string json) => api.Publisher.PostAsync(Path("/subscribers"), ApiFixture.Json(json));

    private async Task<HttpResponseMessage> Publish(string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path("/notifications")) { Content = ApiFixture.Json(json) };
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await api.Publisher.SendAsync(request);
    }

    private Task<string> Text(string path) => api.Publisher.GetStringAsync(path);

    private async Task<string> Done(HttpResponseMessage accepted)
    {
        var job = accepted.Headers.Location!.OriginalString;
        await Eventually.Is(async () => (await Text(job)).Contains("\"done\"", StringComparison.Ordinal), "the end of the job");
        return await Text(job);
    }

    private static async Task Refused(HttpResponseMessage response, params string[] fields) =>
        Assert.Equal(fields.Order(StringComparer.Ordinal), (await ApiFixture.Errors(response)).Select(error => error.Key).Order(StringComparer.Ordinal));
}
