using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace OrleansInbox.Tests.ClientApi;

public sealed class EarlierVersionOnRedisTests : EarlierVersionTests
{
    private RedisServer _redis = null!;

    protected override string AnswersFile => "answers-redis.json";
    protected override long EpochOfGone => 1_795_622_026_689;

    protected override async Task<string?> Restore(string folder)
    {
        _redis = await RedisServer.Start();
        using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        foreach (var (key, dump) in Fixture("redis.json").AsObject())
            await connection.GetDatabase().KeyRestoreAsync(key, Convert.FromBase64String(dump!.GetValue<string>()));
        return _redis.Address;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }
}

public sealed class EarlierVersionOnSqliteTests : EarlierVersionTests
{
    protected override string AnswersFile => "answers-sqlite.json";
    protected override long EpochOfGone => 1_795_622_025_742;

    protected override Task<string?> Restore(string folder)
    {
        File.Copy(FixturePath("inbox.db"), Path.Combine(folder, "inbox.db"));
        return Task.FromResult<string?>(null);
    }
}

/// <summary>Data that an earlier version wrote, and what that version answered from it: this version answers the same and goes on from there.</summary>
public abstract class EarlierVersionTests : IAsyncLifetime
{
    private static readonly (string Name, string Path)[] _reads =
    [
        ("all", "notifications?status=all&limit=100"), ("inbox", "notifications"), ("unread", "notifications?status=unread"),
        ("archived", "notifications?status=archived"), ("group", "notifications?group=post:7&status=all"), ("counts", "counts"),
    ];

    /// <summary>Half a day after the data was written: the idempotency keys still have half of their life.</summary>
    private static readonly DateTimeOffset _date = new(2026, 11, 26, 4, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-earlier-");
    private DatedServer _server = null!;
    private HttpClient _publisher = null!;
    private JsonNode _answers = null!;

    protected abstract string AnswersFile { get; }

    /// <summary>The epoch that the erased inbox had.</summary>
    protected abstract long EpochOfGone { get; }

    /// <summary>Puts the data where the server will look for it.</summary>
    /// <returns>For <c>ConnectionStrings:Redis</c>; null for SQLite.</returns>
    protected abstract Task<string?> Restore(string folder);

    public async Task InitializeAsync()
    {
        _answers = WithReadAsSeen(Fixture(AnswersFile));
        string[] settings = [$"Inbox:DataPath={_folder.FullName}", "Inbox:Retention:MaxCount=20"];
        _server = DatedServer.Start(_date, await Restore(_folder.FullName) is { } redis ? [.. settings, $"ConnectionStrings:Redis={redis}"] : settings);
        _publisher = _server.Publisher();
    }

    public virtual async Task DisposeAsync()
    {
        _publisher.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_list_and_every_count_is_as_it_was()
    {
        var users = _answers["users"]!.AsObject();
        Assert.Equal(["ann", "ö/{x} y", "gone", "never"], users.Select(user => user.Key));
        foreach (var (user, answers) in users)
            foreach (var (name, path) in _reads)
                Same(answers![name]!, await _publisher.GetFromJsonAsync<JsonNode>(ApiFixture.Path(user, path)), $"{user} {name}");
    }

    [Fact]
    public async Task A_known_idempotency_key_answers_the_first_id()
    {
        var (status, id, replayed) = await Publish("ann", key: "k25");
        Assert.Equal((HttpStatusCode.OK, Ids[24], true), (status, id, replayed));
        Same(Ann("counts"), await _publisher.GetFromJsonAsync<JsonNode>(ApiFixture.Path("ann", "counts")), "counts");
    }

    [Fact]
    public async Task A_new_notification_gets_the_next_seq_of_its_epoch_and_an_erased_inbox_a_greater_epoch()
    {
        var head = Parse(Ann("counts")["head"]!.GetValue<string>());
        var (status, id, replayed) = await Publish("ann");
        Assert.Equal((HttpStatusCode.Created, new NotificationId(head.Epoch, head.Seq + 1), false), (status, Parse(id), replayed));
        var added = await _publisher.GetFromJsonAsync<JsonNode>(ApiFixture.Path("ann", $"notifications/{id}"));
        Assert.StartsWith("2026-11-26T04:", added!["createdAt"]!.GetValue<string>(), StringComparison.Ordinal); // it is the server that is on that date

        (status, id, _) = await Publish("gone");
        Assert.Equal((HttpStatusCode.Created, 1), (status, Parse(id).Seq));
        Assert.True(Parse(id).Epoch > EpochOfGone, $"{id} is not above the erased epoch {EpochOfGone}.");
    }

    [Fact]
    public async Task Marks_go_on_from_those_that_were_kept()
    {
        var counts = await Mark("read", new JsonObject { ["ids"] = new JsonArray(Ids[24]) });
        Assert.Equal((7, 4, 20, 12), Numbers(counts));
        counts = await Mark("archive", new JsonObject { ["all"] = true });
        Assert.Equal((0, 0, 20, 13), Numbers(counts));
        var archived = await _publisher.GetFromJsonAsync<JsonNode>(ApiFixture.Path("ann", "notifications?status=archived&limit=100"));
        Assert.Equal(IdsOf(Ann("all")), IdsOf(archived!));
    }

    protected static string FixturePath(string file) => Path.Combine(Checkout.Root, "tests", "fixtures", "before-one-engine", file);

    protected static JsonNode Fixture(string file) => JsonNode.Parse(File.ReadAllText(FixturePath(file)))!;

    /// <summary>The one thing that was corrected since: what is read is seen, and <c>unseen</c> does not count it.</summary>
    private static JsonNode WithReadAsSeen(JsonNode answers)
    {
        foreach (var (_, user) in answers["users"]!.AsObject())
        {
            foreach (var (_, answer) in user!.AsObject())
                foreach (var item in answer!["items"]?.AsArray() ?? [])
                    if (item!["read"]!.GetValue<bool>()) item["seen"] = true;
            var unseen = user["all"]!["items"]!.AsArray().Count(item => !item!["seen"]!.GetValue<bool>() && !item["archived"]!.GetValue<bool>());
            foreach (var (name, answer) in user.AsObject()) (name == "counts" ? answer! : answer!["counts"]!)["unseen"] = unseen;
        }
        return answers;
    }

    private string[] Ids => [.. _answers["ids"]!.AsArray().Select(id => id!.GetValue<string>())];

    private JsonNode Ann(string name) => _answers["users"]!["ann"]![name]!;

    private async Task<(HttpStatusCode Status, string Id, bool Replayed)> Publish(string user, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(user)) { Content = ApiFixture.Json("""{"type":"t","title":"new"}""") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await _publisher.SendAsync(request);
        var id = (await ApiFixture.Body(response))["id"]!.GetValue<string>();
        return (response.StatusCode, id, response.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true");
    }

    private async Task<JsonNode> Mark(string action, JsonObject body)
    {
        using var response = await _publisher.PostAsJsonAsync(ApiFixture.Path("ann", $"notifications/{action}"), body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ApiFixture.Body(response);
    }

    private static (int Unread, int Unseen, int Total, int Version) Numbers(JsonNode counts) =>
        (counts["unread"]!.GetValue<int>(), counts["unseen"]!.GetValue<int>(), counts["total"]!.GetValue<int>(), counts["version"]!.GetValue<int>());

    private static IEnumerable<string> IdsOf(JsonNode page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);

    private static void Same(JsonNode expected, JsonNode? actual, string what) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{what}: expected {expected.ToJsonString()}, but it is {actual?.ToJsonString()}");
}
