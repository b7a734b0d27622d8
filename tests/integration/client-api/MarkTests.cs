using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class MarkOnRedis(RedisApi api) : MarkTests(api);

[Collection(SqliteApi.Name)]
public sealed class MarkOnSqlite(SqliteApi api) : MarkTests(api);

public abstract class MarkTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task Marks_answer_the_counts_after_them()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(await api.Publish(_user, $$"""{"type":"t","title":"T","group":"g{{i % 2}}"}"""));
        await Mark("read", $$"""{"upTo":"{{ids[1]}}"}""", unread: 3, unseen: 3);
        await Mark("read", $$"""{"ids":["{{ids[4]}}","1-1"]}""", unread: 2, unseen: 2);
        await Mark("read", $$"""{"ids":["{{ids[4]}}"]}""", unread: 2, unseen: 2);
        await Mark("unread", $$"""{"ids":["{{ids[0]}}"]}""", unread: 3, unseen: 3);
        await Mark("seen", $$"""{"upTo":"{{ids[2]}}"}""", unread: 3, unseen: 1);
        await Mark("archive", """{"group":"g0"}""", unread: 1, unseen: 1);
        await Mark("unarchive", """{"all":true}""", unread: 3, unseen: 1);
        await Mark("read", """{"group":"g1"}""", unread: 2, unseen: 0);
        await Mark("read", """{"all":true,"upTo":null}""", unread: 0, unseen: 0);
        await Mark("seen", """{"all":true}""", unread: 0, unseen: 0);
        await Mark("unread", """{"all":true}""", unread: 5, unseen: 0);
        await api.Publish(_user);
        await Mark("read", """{"ids":[]}""", unread: 6, unseen: 1);
    }

    [Theory]
    [InlineData("read", "{}", "$")]
    [InlineData("read", """{"all":true,"ids":[]}""", "$")]
    [InlineData("read", """{"all":false}""", "all")]
    [InlineData("read", """{"all":"yes"}""", "all")]
    [InlineData("read", """{"upTo":7}""", "upTo")]
    [InlineData("read", """{"upTo":"seven"}""", "upTo")]
    [InlineData("read", """{"ids":"1-1"}""", "ids")]
    [InlineData("read", """{"ids":["1-1",{"a":[1]},"x"]}""", "ids")]
    [InlineData("read", """{"group":""}""", "group")]
    [InlineData("read", """{"upto":"1-1"}""", "upto")]
    [InlineData("unread", """{"group":"g"}""", "group")]
    [InlineData("unarchive", """{"group":"g"}""", "group")]
    [InlineData("seen", """{"group":"g"}""", "group")]
    [InlineData("seen", """{"all":true,"type":"a"}""", "type")]
    [InlineData("delete", """{"all":true,"type":"a"}""", "type")]
    [InlineData("read", """{"ids":[],"type":"a"}""", "type")]
    [InlineData("archive", """{"group":"g","type":"a"}""", "type")]
    [InlineData("read", """{"type":"a"}""", "$,type")]
    [InlineData("read", """{"all":true,"type":"a,,b"}""", "type")]
    [InlineData("delete", "{}", "$")]
    [InlineData("delete", """{"ids":["1-1"],"all":true}""", "$")]
    [InlineData("delete", """{"all":false}""", "all")]
    [InlineData("seen", """{"ids":["1-1"]}""", "ids")]
    [InlineData("archive", "[]", "$")]
    public async Task A_wrong_body_is_refused_and_the_member_is_named(string action, string body, string field)
    {
        var errors = await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{action}"), ApiFixture.Json(body)));
        Assert.Equal(field.Split(','), errors.Select(error => error.Key));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("seen")]
    [InlineData("delete")]
    public async Task Up_to_an_id_of_another_epoch_is_refused(string action)
    {
        Assert.True(NotificationId.TryParse(await api.Publish(_user), out var id));
        foreach (var other in new[] { new NotificationId(id.Epoch - 1, 1), new(id.Epoch + 1, 1) })
        {
            var errors = await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{action}"), ApiFixture.Json($$"""{"upTo":"{{other}}"}""")));
            Assert.Contains(other.ToString(), Assert.Single(errors).Value![0]!.GetValue<string>());
        }
        var counts = await api.Get(ApiFixture.Path(_user, "counts"));
        Assert.Equal((1, 1, 1), (counts["unread"]!.GetValue<int>(), counts["unseen"]!.GetValue<int>(), counts["total"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(1_000, 200)]
    [InlineData(1_001, 400)]
    public async Task Ids_have_a_limit(int count, int status)
    {
        var body = new JsonObject { ["ids"] = new JsonArray([.. Enumerable.Range(1, count).Select(i => JsonValue.Create($"1-{i}"))]) };
        Assert.Equal(status, (int)(await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/read"), ApiFixture.Json(body.ToJsonString()))).StatusCode);
    }

    [Fact]
    public async Task Marks_and_counts_can_be_of_some_types_alone()
    {
        var ids = new List<string>();
        foreach (var type in new[] { "a", "b", "c", "a", "b", "a" }) ids.Add(await api.Publish(_user, $$"""{"type":"{{type}}","title":"T"}"""));
        await Mark("read", """{"all":true,"type":"a,b"}""", unread: 1, unseen: 1);
        await Mark("unread", $$"""{"upTo":"{{ids[3]}}","type":"a"}""", unread: 3, unseen: 3);
        await Mark("seen", $$"""{"upTo":"{{ids[1]}}"}""", unread: 3, unseen: 2);
        Assert.Equal((2, 1, 3), await Counts("a"));
        Assert.Equal((2, 1, 5), await Counts("a,b"));
        Assert.Equal((0, 0, 2), await Counts("b"));
        Assert.Equal((0, 0, 0), await Counts("z"));
        await Mark("archive", $$"""{"upTo":"{{ids[2]}}","type":"a,c"}""", unread: 1, unseen: 1);
        Assert.Equal((1, 1, 3), await Counts("a"));
        await Mark("unarchive", """{"all":true,"type":"c"}""", unread: 2, unseen: 2);
        Assert.Equal((1, 1, 1), await Counts("c"));
        Assert.Equal(["type"], (await ApiFixture.Errors(await api.Publisher.GetAsync(ApiFixture.Path(_user, "counts?type=A")))).Select(error => error.Key));

        async Task<(int Unread, int Unseen, int Total)> Counts(string types)
        {
            var counts = await api.Get(ApiFixture.Path(_user, $"counts?type={types}"));
            Assert.Equal(ids[^1], counts["head"]!.GetValue<string>());
            return (counts["unread"]!.GetValue<int>(), counts["unseen"]!.GetValue<int>(), counts["total"]!.GetValue<int>());
        }
    }

    [Fact]
    public async Task Counts_of_other_types_have_another_tag()
    {
        await api.Publish(_user);
        var tags = new HashSet<string>();
        foreach (var query in new[] { "", "?type=t", "?type=u", "?type=t,u" })
        {
            using var first = await api.Publisher.GetAsync(ApiFixture.Path(_user, "counts" + query));
            Assert.True(tags.Add(first.Headers.ETag!.Tag));
            using var again = new HttpRequestMessage(HttpMethod.Get, ApiFixture.Path(_user, "counts" + query));
            again.Headers.IfNoneMatch.Add(first.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, (await api.Publisher.SendAsync(again)).StatusCode);
        }
    }

    [Theory]
    [InlineData("ids", 3)]
    [InlineData("upTo", 2)]
    [InlineData("group", 2)]
    [InlineData("all", 0)]
    public async Task Many_are_deleted_by_one_request(string member, int left)
    {
        var ids = new List<string>();
        for (var i = 0; i < 4; i++) ids.Add(await api.Publish(_user, $$"""{"type":"t","title":"{{i}}","group":"g{{i % 2}}"}"""));
        var body = member switch
        {
            "ids" => $$"""{"ids":["{{ids[1]}}","1-1"]}""",
            "upTo" => $$"""{"upTo":"{{ids[1]}}"}""",
            "group" => """{"group":"g1"}""",
            _ => """{"all":true}""",
        };
        using var user = api.Server.User(_user);
        for (var i = 0; i < 2; i++) // idempotent
        {
            var response = await user.PostAsync("/v1/users/me/notifications/delete", ApiFixture.Json(body));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var counts = await ApiFixture.Body(response);
            Assert.Equal((left, left, ids[3]), (counts["total"]!.GetValue<int>(), counts["unread"]!.GetValue<int>(), counts["head"]!.GetValue<string>()));
        }
        Assert.Equal(left, (await api.Get(ApiFixture.Path(_user) + "?status=all"))["items"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync(ApiFixture.Path(_user, $"notifications/{ids[1]}"))).StatusCode);
    }

    [Fact]
    public async Task An_unknown_action_is_a_problem() =>
        Assert.Contains((int)(await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/burn"), ApiFixture.Json("{}"))).StatusCode, (int[])[404, 405]);

    [Fact]
    public async Task A_patch_answers_the_item()
    {
        var path = ApiFixture.Path(_user, $"notifications/{await api.Publish(_user)}");
        Assert.Equal((true, false), await Patch("""{"read":true}"""));
        Assert.Equal((true, true), await Patch("""{"archived":true,"read":null}"""));
        Assert.Equal((false, false), await Patch("""{"read":false,"archived":false}"""));
        foreach (var (body, field) in new[] { ("{}", "$"), ("""{"read":1}""", "read"), ("""{"seen":true}""", "seen") })
            Assert.Equal([field], (await ApiFixture.Errors(await api.Publisher.PatchAsync(path, ApiFixture.Json(body)))).Select(error => error.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.PatchAsync(ApiFixture.Path(_user, "notifications/1-1"), ApiFixture.Json("""{"read":true}"""))).StatusCode);

        async Task<(bool Read, bool Archived)> Patch(string body)
        {
            var response = await api.Publisher.PatchAsync(path, ApiFixture.Json(body));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var item = await ApiFixture.Body(response);
            return (item["read"]!.GetValue<bool>(), item["archived"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task An_erased_inbox_is_empty_and_starts_again_above()
    {
        var old = await api.Publish(_user);
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user))).StatusCode);
        Assert.Empty((await api.Get(ApiFixture.Path(_user) + "?status=all"))["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync(ApiFixture.Path(_user, $"notifications/{old}"))).StatusCode);
        Assert.True(NotificationId.TryParse(old, out var before) && NotificationId.TryParse(await api.Publish(_user), out var after) && after > before);
    }

    [Fact]
    public async Task Counts_are_not_sent_again_while_nothing_changed()
    {
        var path = ApiFixture.Path(_user, "counts");
        await api.Publish(_user);
        var first = await api.Publisher.GetAsync(path);
        Assert.True(first.Headers.Contains("X-Poll-Interval"));
        Assert.Equal(HttpStatusCode.NotModified, await Again(first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, await Again($"\"other\", W/{first.Headers.ETag}"));
        Assert.Equal(HttpStatusCode.NotModified, await Again("*"));
        Assert.Equal(HttpStatusCode.OK, await Again("\"other\""));
        await Mark("read", """{"all":true}""", unread: 0, unseen: 0);
        Assert.Equal(HttpStatusCode.OK, await Again(first.Headers.ETag!.ToString()));

        async Task<HttpStatusCode> Again(string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("If-None-Match", tag);
            return (await api.Publisher.SendAsync(request)).StatusCode;
        }
    }

    [Theory]
    [InlineData("read", "unread", "read")]
    [InlineData("archive", "unarchive", "archived")]
    public async Task A_mark_is_taken_back_by_the_undo_of_its_answer_and_open_streams_hear_it(string action, string opposite, string flag)
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add(await api.Publish(_user));
        await Mark(action, $$"""{"ids":["{{ids[0]}}"]}""", unread: 2, unseen: 2);
        var undo = await Mark(action, """{"all":true}""", unread: 0, unseen: 0);
        using var heard = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        var later = await api.Publish(_user);
        for (var i = 0; i < 2; i++) // idempotent
        {
            var counts = await Undo($$"""{"undo":"{{undo}}"}""", HttpStatusCode.OK);
            Assert.Equal((3, 4), (counts["unread"]!.GetValue<int>(), counts["total"]!.GetValue<int>()));
        }
        Assert.Equal("ready", (await heard.Next())!.Value.Name);
        Assert.Equal("added", (await heard.Next())!.Value.Name);
        var (name, marked) = (await heard.Next())!.Value;
        Assert.Equal("marked", name);
        Assert.Equal(opposite, marked.GetProperty("action").GetString());
        Assert.Equal(ids[1..], marked.GetProperty("ids").EnumerateArray().Select(id => id.GetString()));
        var items = (await api.Get(ApiFixture.Path(_user) + "?status=all"))["items"]!.AsArray();
        Assert.Equal([later, .. ids[1..].AsEnumerable().Reverse()], items.Where(item => !item![flag]!.GetValue<bool>()).Select(item => item!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_seen_cursor_goes_back_too()
    {
        for (var i = 0; i < 3; i++) await api.Publish(_user);
        var undo = await Mark("seen", """{"all":true}""", unread: 3, unseen: 0);
        Assert.Equal(3, (await Undo($$"""{"undo":"{{undo}}"}""", HttpStatusCode.OK))["unseen"]!.GetValue<int>());
        Assert.All((await api.Get(ApiFixture.Path(_user)))["items"]!.AsArray(), item => Assert.False(item!["seen"]!.GetValue<bool>()));
    }

    [Theory]
    [InlineData("{}", "undo")]
    [InlineData("""{"undo":""}""", "undo")]
    [InlineData("""{"undo":7}""", "undo")]
    [InlineData("""{"undo":"a","ids":[]}""", "ids")]
    public async Task An_undo_that_says_something_else_is_refused(string body, string field) =>
        Assert.Equal([field], (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/undo"), ApiFixture.Json(body)))).Select(error => error.Key));

    [Fact]
    public async Task What_is_not_known_any_more_is_gone_and_a_delete_has_no_undo()
    {
        await api.Publish(_user);
        Assert.Contains("10 minutes", (await Undo("""{"undo":"never-made"}""", HttpStatusCode.Gone))["detail"]!.GetValue<string>());
        using var deleted = await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/delete"), ApiFixture.Json("""{"all":true}"""));
        Assert.Null((await ApiFixture.Body(deleted))["undo"]);
    }

    private async Task<JsonNode> Undo(string body, HttpStatusCode status)
    {
        using var response = await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/undo"), ApiFixture.Json(body));
        Assert.Equal(status, response.StatusCode);
        return await ApiFixture.Body(response);
    }

    private async Task<string?> Mark(string action, string body, int unread, int unseen)
    {
        var response = await api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{action}"), ApiFixture.Json(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var counts = await ApiFixture.Body(response);
        Assert.Equal((unread, unseen), (counts["unread"]!.GetValue<int>(), counts["unseen"]!.GetValue<int>()));
        return counts["undo"]?.GetValue<string>();
    }
}
