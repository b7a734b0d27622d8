using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class ActionsOnRedis(RedisApi api) : ActionTests(api);

[Collection(SqliteApi.Name)]
public sealed class ActionsOnSqlite(SqliteApi api) : ActionTests(api);

public abstract class ActionTests(ApiFixture api)
{
    private const string _two = """{"type":"t","title":"T","actions":[{"id":"approve","label":"Approve"},{"id":"decline","label":"Decline","url":"/requests/7"}]}""";
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task The_first_choice_wins_and_open_streams_hear_it()
    {
        var id = await api.Publish(_user, _two);
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        using var user = api.Server.User(_user);
        var chosen = await Act(user, id, "approve", HttpStatusCode.OK);
        Assert.Equal(("approve", true), (chosen["acted"]!["action"]!.GetValue<string>(), chosen["read"]!.GetValue<bool>()));
        Assert.InRange(chosen["acted"]!["at"]!.GetValue<DateTimeOffset>(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));

        var (name, data) = (await events.Next())!.Value;
        Assert.Equal(("marked", "read", 0), (name, data.GetProperty("action").GetString(), data.GetProperty("counts").GetProperty("unread").GetInt32()));
        var version = data.GetProperty("counts").GetProperty("version").GetInt64();
        (name, data) = (await events.Next())!.Value;
        Assert.Equal(("acted", id, chosen["acted"]!.ToJsonString()), (name, data.GetProperty("id").GetString(), data.GetProperty("acted").GetRawText()));
        Assert.Equal((0, 1, version + 1), (data.GetProperty("counts").GetProperty("unread").GetInt32(), data.GetProperty("counts").GetProperty("total").GetInt32(), data.GetProperty("counts").GetProperty("version").GetInt64()));

        Assert.Equal(chosen.ToJsonString(), (await Act(api.Publisher, id, "approve", HttpStatusCode.OK)).ToJsonString()); // again
        Assert.Contains("'approve'", (await Act(user, id, "decline", HttpStatusCode.Conflict))["detail"]!.GetValue<string>());
        Assert.Equal(chosen.ToJsonString(), (await api.Get(ApiFixture.Path(_user) + "?status=all"))["items"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task Many_devices_at_once_agree_on_one()
    {
        var id = await api.Publish(_user, _two);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{id}/actions/{(i % 2 == 0 ? "approve" : "decline")}"), null)));
        var won = (await api.Get(ApiFixture.Path(_user, $"notifications/{id}")))["acted"]!["action"]!.GetValue<string>();
        for (var i = 0; i < answers.Length; i++) Assert.Equal((i % 2 == 0 ? "approve" : "decline") == won ? HttpStatusCode.OK : HttpStatusCode.Conflict, answers[i].StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_chosen()
    {
        var id = await api.Publish(_user, _two);
        foreach (var path in new[] { $"{id}/actions/fly", $"{id}/actions/A", "1-1/actions/approve", $"{await api.Publish(_user)}/actions/approve" })
            Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/" + path), null)).StatusCode);
        await api.Publisher.DeleteAsync(ApiFixture.Path(_user, $"notifications/{id}"));
        await Act(api.Publisher, id, "approve", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("[]", "actions")]
    [InlineData("7", "actions")]
    [InlineData("[7]", "actions")]
    [InlineData("""[{"id":"a","label":"A"},{"id":"a","label":"B"}]""", "actions")]
    [InlineData("""[{"id":"a","label":"A"},{"id":"b","label":"B"},{"id":"c","label":"C"},{"id":"d","label":"D"}]""", "actions")]
    [InlineData("""[{"label":"A"}]""", "actions[0].id")]
    [InlineData("""[{"id":"..","label":"A"}]""", "actions[0].id")]
    [InlineData("""[{"id":"a","label":"A"},{"id":"B","label":" "}]""", "actions[1].id,actions[1].label")]
    [InlineData("""[{"id":"a","label":"A","url":"javascript:x"}]""", "actions[0].url")]
    [InlineData("""[{"id":"a","label":"12345678901234567890123456789012345678901"}]""", "actions[0].label")]
    [InlineData("""[{"id":"a","label":"A","color":"red"}]""", "actions[0].color")]
    public async Task Actions_that_are_wrong_are_refused_and_named(string actions, string fields) =>
        Assert.Equal(fields.Split(','), (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json($$"""{"type":"t","title":"T","actions":{{actions}}}""")))).Select(error => error.Key));

    private async Task<JsonNode> Act(HttpClient caller, string id, string action, HttpStatusCode status)
    {
        using var response = await caller.PostAsync(ApiFixture.Path(_user, $"notifications/{id}/actions/{action}"), null);
        Assert.Equal(status, response.StatusCode);
        return await ApiFixture.Body(response);
    }
}
