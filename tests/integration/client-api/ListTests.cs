using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class ListOnRedis(RedisApi api) : ListTests(api);

[Collection(SqliteApi.Name)]
public sealed class ListOnSqlite(SqliteApi api) : ListTests(api);

public abstract class ListTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task An_inbox_that_nothing_was_published_to_is_empty()
    {
        var page = await api.Get(ApiFixture.Path(_user));
        Assert.Empty(page["items"]!.AsArray());
        Assert.Null(page["next"]);
        Assert.Null(page["counts"]!["head"]);
        Assert.Equal(0, page["counts"]!["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Following_the_links_shows_each_once_while_others_arrive()
    {
        var before = new List<string>();
        for (var i = 0; i < 25; i++) before.Add(await api.Publish(_user));

        var seen = new List<string>();
        for (var url = ApiFixture.Path(_user) + "?limit=4&status=all&type=t%2Cu"; url is not null;)
        {
            var response = await api.Publisher.GetAsync(url);
            var page = await ApiFixture.Body(response);
            seen.AddRange(Ids(page));
            url = Next(response);
            Assert.Equal(url is null, page["next"] is null);
            if (url is null) break;
            Assert.Contains("limit=4&status=all&type=t%2Cu&before=", url);
            await api.Publish(_user);
        }
        Assert.Equal(Enumerable.Reverse(before), seen);
    }

    [Fact]
    public async Task After_pages_upwards_newest_first()
    {
        var ids = new List<string>();
        for (var i = 0; i < 7; i++) ids.Add(await api.Publish(_user));
        var response = await api.Publisher.GetAsync($"{ApiFixture.Path(_user)}?limit=3&after={ids[0]}");
        Assert.Equal([ids[3], ids[2], ids[1]], Ids(await ApiFixture.Body(response)));
        Assert.Contains($"after={ids[3]}", Next(response));
        Assert.Equal([ids[6], ids[5], ids[4]], Ids(await api.Get(Next(response)!)));
    }

    [Fact]
    public async Task Status_type_and_group_choose()
    {
        var a = await api.Publish(_user, """{"type":"a","title":"T","group":"g:1"}""");
        var b = await api.Publish(_user, """{"type":"b","title":"T","group":"g:1"}""");
        var c = await api.Publish(_user, """{"type":"c","title":"T"}""");
        await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/read"), ApiFixture.Json($$"""{"ids":["{{a}}"]}"""));
        await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/archive"), ApiFixture.Json($$"""{"ids":["{{c}}"]}"""));
        Assert.Equal([b, a], await List(""));
        Assert.Equal([b], await List("?status=unread"));
        Assert.Equal([a], await List("?status=read"));
        Assert.Equal([c], await List("?status=archived"));
        Assert.Equal([c, b, a], await List("?status=all"));
        Assert.Equal([c, a], await List("?status=all&type=a,c"));
        Assert.Equal([b, a], await List("?group=g%3A1"));
        Assert.Equal([b], await List("?group=g%3A1&type=b"));
    }

    [Fact]
    public async Task A_text_is_found_in_title_body_and_the_actors_name_in_whatever_case()
    {
        var title = await api.Publish(_user, """{"type":"a","title":"Ann COMMENTED \"Über\""}""");
        var body = await api.Publish(_user, """{"type":"b","title":"T","body":"the Größe of \ud83d\ude42 it"}""");
        var actor = await api.Publish(_user, """{"type":"b","title":"T","actor":{"id":"secret","name":"Zoë Ümlaut","avatarUrl":"/secret"},"data":{"title":"secret","actor":{"name":"secret"}}}""");
        await api.Publish(_user, """{"type":"secret","title":"T","url":"/secret","group":"secret"}""");
        Assert.Equal([title], await List("?q=commented"));
        Assert.Equal([title], await List("?q=%22%C3%BCBER%22"));
        Assert.Equal([body], await List("?q=gr%C3%B6%C3%9Fe%20OF"));
        Assert.Equal([body], await List("?q=%F0%9F%99%82%20it"));
        Assert.Equal([actor], await List("?q=zo%C3%8B"));
        Assert.Empty(await List("?q=secret"));
        Assert.Equal([actor], await List("?q=%C3%BCm&type=b"));
    }

    [Fact]
    public async Task Pages_of_a_search_show_each_once()
    {
        var found = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            found.Add(await api.Publish(_user, """{"type":"t","title":"a needle"}"""));
            await api.Publish(_user);
        }
        var response = await api.Publisher.GetAsync($"{ApiFixture.Path(_user)}?limit=3&q=NEEDLE");
        Assert.Equal([found[4], found[3], found[2]], Ids(await ApiFixture.Body(response)));
        Assert.Equal([found[1], found[0]], Ids(await api.Get(Next(response)!)));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("before=7", "before")]
    [InlineData("after=1-", "after")]
    [InlineData("before=1-1&after=1-1", "after")]
    [InlineData("status=new", "status")]
    [InlineData("type=A,", "type")]
    [InlineData("group=", "group")]
    [InlineData("q=", "q")]
    [InlineData("q=%F0%9F%99%82", "q")]
    [InlineData("q=65-characters-are-one-too-many-for-a-text-that-is-to-be-looked-for", "q")]
    [InlineData("q=ab&q=cd", "q")]
    [InlineData("wait=61&after=1-1", "wait")]
    [InlineData("wait=5", "wait")]
    [InlineData("page=2&Limit=3", "page")]
    public async Task A_parameter_that_is_wrong_is_named(string query, string field) =>
        Assert.Contains(field, (await ApiFixture.Errors(await api.Publisher.GetAsync($"{ApiFixture.Path(_user)}?{query}"))).Select(error => error.Key));

    [Fact]
    public async Task One_is_404_once_it_is_gone()
    {
        var id = await api.Publish(_user);
        var path = ApiFixture.Path(_user, $"notifications/{id}");
        Assert.Equal(id, (await api.Get(path))["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync(ApiFixture.Path(_user, "notifications/no-id"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "notifications/no-id"))).StatusCode);
    }

    [Fact]
    public async Task A_long_poll_answers_at_once_when_there_is_something_and_else_as_soon_as_it_comes()
    {
        var first = await api.Publish(_user);
        Assert.Equal([first], await List("?after=0-0&wait=60"));
        var waiting = List($"?after={first}&wait=60");
        string second;
        do
        {
            second = await api.Publish(_user);
        }
        while (!waiting.IsCompleted && await Task.WhenAny(waiting, Task.Delay(100)) != waiting); // whether it waits already cannot be seen from here
        Assert.NotEmpty(await waiting);
        Assert.Empty(await List($"?after={second}&wait=1"));
    }

    [Fact]
    public async Task A_long_poll_is_not_ended_by_what_was_not_asked_for()
    {
        var first = await api.Publish(_user);
        var waiting = List($"?after={first}&wait=60&type=wanted");
        for (var i = 0; i < 5; i++) await api.Publish(_user);
        var wanted = await api.Publish(_user, """{"type":"wanted","title":"T"}""");
        Assert.Equal([wanted], await waiting);
    }

    private async Task<IEnumerable<string>> List(string query) => Ids((await api.Publisher.GetFromJsonAsync<JsonNode>(ApiFixture.Path(_user) + query))!);

    private static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());

    private static string? Next(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var link) && link.Single() is var text && text.EndsWith(">; rel=\"next\"", StringComparison.Ordinal) ? text[1..text.IndexOf('>', StringComparison.Ordinal)] : null;
}
