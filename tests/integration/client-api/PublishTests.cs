using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class PublishOnRedis(RedisApi api) : PublishTests(api);

[Collection(SqliteApi.Name)]
public sealed class PublishOnSqlite(SqliteApi api) : PublishTests(api);

public abstract class PublishTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task What_was_published_is_there_as_it_was_published()
    {
        const string Json = """
            {"type":"comment.created","title":"Ann \"commented\" 🎉","body":"line\nline","url":"/posts/7","actor":{"id":"ann","name":"Ann","avatarUrl":"https://x.example/a.png"},
             "group":"post:7","data":{"any": [1.50, null, "é"]},"priority":"high","expiresAt":"2097-01-01T00:00:00Z"}
            """;
        var response = await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json(Json));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = await ApiFixture.Body(response);
        Assert.Equal($"{ApiFixture.Path(_user)}/{created["id"]}", response.Headers.Location!.OriginalString);

        var item = await api.Get(response.Headers.Location.OriginalString);
        Assert.Equal("Ann \"commented\" 🎉", item["title"]!.GetValue<string>());
        Assert.Equal("line\nline", item["body"]!.GetValue<string>());
        Assert.Equal("""{"any":[1.50,null,"é"]}""", item["data"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("https://x.example/a.png", item["actor"]!["avatarUrl"]!.GetValue<string>());
        Assert.Equal("high", item["priority"]!.GetValue<string>());
        Assert.Equal(created["createdAt"]!.GetValue<string>(), item["createdAt"]!.GetValue<string>());
        Assert.False(item["read"]!.GetValue<bool>() || item["seen"]!.GetValue<bool>() || item["archived"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_same_key_answers_the_first_id_and_adds_nothing()
    {
        var first = await Publish("key-1");
        var second = await Publish("key-1");
        var third = await Publish("key-2");
        Assert.Equal((HttpStatusCode.Created, false), (first.StatusCode, first.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal((HttpStatusCode.OK, true), (second.StatusCode, second.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Created, third.StatusCode);
        Assert.Equal(2, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422_and_names_the_first()
    {
        var first = (await ApiFixture.Body(await Publish("key")))["id"]!.GetValue<string>();
        foreach (var other in new[] { """{"type":"t","title":"U"}""", """{"type":"t","title":"T","data":1}""", """{"type":"t","title":"T","expiresAt":"2097-01-01T00:00:00Z"}""" })
        {
            var refused = await Publish("key", other);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains(first, (await ApiFixture.Body(refused))["detail"]!.GetValue<string>());
        }
        Assert.Equal(HttpStatusCode.OK, (await Publish("key", """{ "title": "T", "body": null, "type": "t" }""")).StatusCode); // the same, written in another way
        Assert.Equal(1, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task One_key_from_many_at_once_is_stored_once()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Publish("at once")));
        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created);
        Assert.Single((await Task.WhenAll(responses.Select(ApiFixture.Body))).Select(body => body["id"]!.GetValue<string>()).Distinct());
    }

    [Theory]
    [InlineData("""{"type":"t","title":"T","colour":1,"actor":{"age":2}}""", "colour", "actor.age")]
    [InlineData("""{"type":1,"title":true,"body":{},"url":[],"group":1,"priority":2,"expiresAt":3,"actor":"ann"}""", "type", "title", "body", "url", "group", "priority", "expiresAt", "actor")]
    [InlineData("""{"colour":1,"title":"","url":"ann:7","expiresAt":"2001-01-01T00:00:00Z"}""", "colour", "type", "title", "url", "expiresAt")]
    [InlineData("""{}""", "type", "title")]
    [InlineData("""{"type":null,"title":"T"}""", "type")]
    [InlineData("""{"type":"T","title":""}""", "type", "title")]
    [InlineData("""{"type":"t","title":"T","url":"javascript:alert(1)"}""", "url")]
    [InlineData("""{"type":"t","title":"T","priority":"urgent"}""", "priority")]
    [InlineData("""{"type":"t","title":"T","expiresAt":"2097-01-01T00:00:00"}""", "expiresAt")]
    [InlineData("""{"type":"t","title":"T","expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"type":"t","title":"T","title":"U"}""", "title")]
    [InlineData("""{"type":"t","title":"\ud800"}""", "title")]
    [InlineData("""{"type":"t","title":"  \u00a0\t"}""", "title")]
    [InlineData("""{"type":"t","title":"\u200b\ufeff\u2800\u3164\ufe0f\udb40\udc01"}""", "title")]
    [InlineData("""{"type":"t","title":"T","expiresAt":"2097-01-01t00:00:00"}""", "expiresAt")]
    [InlineData("""{"type":"t","title":"T","expiresAt":"2097-01-01T00:00:00Z\n"}""", "expiresAt")]
    [InlineData("""{"type":"t","title":"T","expiresAt":"2097-01-01T00:00:00\u0022"}""", "expiresAt")]
    [InlineData("""["t"]""", "$")]
    [InlineData("""{"type":"t","title":"T"} {}""", "$")]
    [InlineData("""{"type":"t",""", "$")]
    [InlineData("", "$")]
    public async Task What_is_wrong_is_named(string json, params string[] fields)
    {
        var errors = await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json(json)));
        Assert.Equal(fields.Order(), errors.Select(error => error.Key).Order());
    }

    [Theory]
    [InlineData("2097-01-01t00:00:00z", "2097-01-01T00:00:00Z")]
    [InlineData("2097-01-01t01:30:00.5+01:30", "2097-01-01T00:00:00.5Z")]
    [InlineData("2097-01-01T00:00:00Z", "2097-01-01T00:00:00Z")]
    public async Task A_time_may_be_in_lower_case(string written, string read)
    {
        var id = await api.Publish(_user, $$"""{"type":"t","title":"\u200b.","expiresAt":"{{written}}"}""");
        Assert.Equal(read, (await api.Get(ApiFixture.Path(_user, $"notifications/{id}")))["expiresAt"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_told_where()
    {
        var errors = await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json("{\n  \"type\": oops }")));
        Assert.Contains("line 2, byte 11", errors["$"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_that_is_no_UTF8_is_refused()
    {
        using var body = new ByteArrayContent([.. "{\"type\":\"t\",\"title\":\""u8, 0xff, .. "\"}"u8]) { Headers = { ContentType = new("application/json") } };
        Assert.Contains("$", (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user), body))).Select(error => error.Key));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public async Task A_title_has_a_limit_in_characters(int length, bool fine)
    {
        var title = string.Concat(Enumerable.Repeat("😀", length));
        var response = await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json($$"""{"type":"t","title":"{{title}}"}"""));
        Assert.Equal(fine ? 201 : 400, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(16 * 1024, 201)]
    [InlineData(16 * 1024 + 1, 400)]
    [InlineData(70 * 1024, 413)]
    public async Task Data_and_the_request_have_limits(int bytes, int status)
    {
        var data = new string('x', bytes - 2);
        foreach (var isChunked in new[] { false, true }) Assert.Equal(status, await Answer(isChunked));

        async Task<int> Answer(bool isChunked)
        {
            for (var attempt = 1; ; attempt++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json($$"""{"type":"t","title":"T","data":"{{data}}"}""") };
                request.Headers.TransferEncodingChunked = isChunked;
                try
                {
                    using var response = await api.Publisher.SendAsync(request);
                    return (int)response.StatusCode;
                }
                catch (HttpRequestException) when (status == 413 && attempt < 10)
                {
                    // The server closes when it has refused, perhaps while the client still writes, who then may not get to read the answer.
                }
            }
        }
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=latin1", 415)]
    [InlineData("application/jsonp", 415)]
    [InlineData("application/json; charset=UTF-8", 201)]
    [InlineData("Application/JSON", 201)]
    public async Task Only_JSON_is_taken(string type, int status)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"type":"t","title":"T"}""")) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        Assert.Equal(status, (int)(await api.Publisher.PostAsync(ApiFixture.Path(_user), body)).StatusCode);
    }

    [Theory]
    [InlineData(255, 201)]
    [InlineData(256, 400)]
    public async Task An_idempotency_key_has_a_limit(int length, int status) => Assert.Equal(status, (int)(await Publish(new string('k', length))).StatusCode);

    [Theory]
    [InlineData("gzip", 415)]
    [InlineData("identity", 201)]
    public async Task A_body_is_not_unpacked(string encoding, int status)
    {
        using var body = ApiFixture.Json("""{"type":"t","title":"T"}""");
        body.Headers.ContentEncoding.Add(encoding);
        var response = await api.Publisher.PostAsync(ApiFixture.Path(_user), body);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 415) Assert.Contains("Content-Encoding", (await ApiFixture.Body(response))["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_unknown_parameter_is_named() =>
        Assert.Contains("dry", (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user) + "?dry=1", ApiFixture.Json("{}")))).Select(error => error.Key));

    private async Task<HttpResponseMessage> Publish(string key, string body = """{"type":"t","title":"T"}""")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await api.Publisher.SendAsync(request);
    }
}
