using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInbox.Announcements;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class AnnouncementsOnRedis(RedisInboxes inboxes) : AnnouncementTests(inboxes)
{
    [Fact]
    public async Task Two_activations_take_it_in_once()
    {
        var (host, other) = (await Start(), await Start());
        await Of(host, "ann").Append(New("own"));
        Assert.Equal(["own"], await Titles(Of(other, "ann")));
        await Announce(host, "all");
        await Eventually.Is(async () =>
        {
            var both = await Task.WhenAll(Titles(Of(host, "ann")), Titles(Of(other, "ann")));
            return both.All(titles => titles.Contains("all"));
        }, "both see it");
        await Of(host, "ann").Append(New("last"));
        Assert.Equal(["last", "all", "own"], await Titles(Of(host, "ann")));
    }
}

[Collection(SqliteInboxes.Name)]
public sealed class AnnouncementsOnSqlite(SqliteInboxes inboxes) : AnnouncementTests(inboxes);

/// <summary>What is announced comes once into each inbox. Each test has a tenant of its own.</summary>
public abstract class AnnouncementTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    private readonly string _tenant = "tenant-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task An_inbox_takes_it_in_once_also_after_a_restart_and_an_erase()
    {
        var host = await Start();
        var id = await Announce(host, "all");
        Assert.Equal(["all"], await Titles(Of(host, "ann")));
        await Of(host, "ann").Append(New("own"));
        Assert.Equal(["own", "all"], await Titles(Of(host, "ann")));
        await Of(host, "ann").Erase();
        await Stop(host);
        host = await Start();
        Assert.Empty(await Titles(Of(host, "ann")));
        Assert.Equal(["all"], await Titles(Of(host, "bob")));
        await Stop(host);
        host = await Start();
        Assert.Equal(["all"], await Titles(Of(host, "bob")));
        await Eventually.Is(async () => (await One(host, id))["delivered"]!.GetValue<int>() == 2, "two inboxes are counted");
    }

    [Fact]
    public async Task Who_calls_at_once_gets_the_same_one()
    {
        var host = await Start();
        await Announce(host, "all");
        var inbox = Of(host, "ann");
        var counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => inbox.Counts()));
        Assert.All(counts, one => Assert.Equal((1L, 1L), (one.Total, one.Unread)));
    }

    [Fact]
    public async Task One_that_storage_lost_and_that_is_repeated_comes_once()
    {
        var host = await Start();
        await Board(host).Announce(Announcement(host, "once", "key"), null);
        Assert.Equal(["once"], await Titles(Of(host, "ann")));
        await Stop(host);
        host = await Start();
        // As the repeated one finds it on a replica that took over and had never heard of the first one.
        var (storage, id, state) = (host.Services.GetRequiredKeyedService<IGrainStorage>(InboxLimits.StateProvider), GrainId.Create("announcements", _tenant), new GrainState<AnnouncementsState>(new()));
        await storage.ReadStateAsync(TenantAnnouncements.StateName, id, state);
        Assert.Single(state.State!.All);
        state.State = new();
        await storage.WriteStateAsync(TenantAnnouncements.StateName, id, state);

        var again = await Board(host).Announce(Announcement(host, "once", "key"), null);
        Assert.False(again.Replayed);
        Assert.Equal(["once"], await Titles(Of(host, "ann")));
        Assert.Equal(["once"], await Titles(Of(host, "bob")));
        host.Time.Move(InboxLimits.IdempotencyWindow + TimeSpan.FromMinutes(1));
        Assert.False((await Board(host).Announce(Announcement(host, "once", "key"), null)).Replayed); // the key may be used again
        await Eventually.Is(async () => (await Titles(Of(host, "ann"))).Length == 2, "it is another one");
        await Board(host).Retract(again.Id, null);
        await Eventually.Is(async () => (await Titles(Of(host, "ann"))).Length == 1, "the first one is known by its name");
    }

    [Fact]
    public async Task Newcomers_get_it_only_when_it_is_for_them()
    {
        var host = await Start();
        await Of(host, "old").Append(New("own"));
        host.Time.Move(TimeSpan.FromSeconds(1)); // an inbox is as old as its epoch
        await Announce(host, "for those that were there", newcomers: false);
        await Eventually.Is(async () => (await Titles(Of(host, "old"))).Length == 2, "the old inbox has it");
        Assert.Empty(await Titles(Of(host, "blank")));
        host.Time.Move(TimeSpan.FromSeconds(1));
        await Of(host, "new").Append(New("own"));
        Assert.Equal(["own"], await Titles(Of(host, "new")));
        await Announce(host, "for all");
        Assert.Equal(["for all"], await Titles(Of(host, "third")));
    }

    [Fact]
    public async Task What_is_muted_is_judged_once_and_what_is_mandatory_comes()
    {
        var host = await Start();
        await Of(host, "ann").SavePreferences("""{"mute":{"types":["news.*"]}}"""u8.ToArray(), null);
        var id = await Announce(host, "muted", type: "news.week");
        await Announce(host, "mandatory", type: "news.week", isMandatory: true);
        await Eventually.Is(async () => (await Titles(Of(host, "ann"))).SequenceEqual(["mandatory"]), "the mandatory one is there");
        await Of(host, "ann").SavePreferences("{}"u8.ToArray(), null);
        await Stop(host);
        host = await Start();
        Assert.Equal(["mandatory"], await Titles(Of(host, "ann")));
        Assert.Equal(0, (await One(host, id))["delivered"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_is_over_or_retracted_does_not_come_and_what_was_there_goes()
    {
        var host = await Start();
        await Announce(host, "short", minutes: 5);
        var retracted = await Announce(host, "retracted");
        Assert.Equal(["retracted", "short"], await Titles(Of(host, "ann")));
        for (var i = 0; i < 2; i++) Assert.True(await Board(host).Retract(retracted));
        Assert.False(await Board(host).Retract(17));
        await Eventually.Is(async () => (await Titles(Of(host, "ann"))).SequenceEqual(["short"]), "what is retracted goes");
        Assert.Equal(["short"], await Titles(Of(host, "bob")));
        host.Time.Move(TimeSpan.FromMinutes(6));
        Assert.Empty(await Titles(Of(host, "ann")));
        Assert.Empty(await Titles(Of(host, "carla")));
    }

    [Fact]
    public async Task It_is_retracted_also_from_an_inbox_that_has_taken_in_a_thousand_others()
    {
        var host = await Start();
        var id = await Announce(host, "all");
        var inbox = Of(host, "ann");
        Assert.Equal(["all"], await Titles(inbox));
        var store = host.Services.GetRequiredService<IWaitingStore>();
        var sooner = host.Time.GetUtcNow() + TimeSpan.FromHours(1);
        foreach (var some in Enumerable.Range(1, 1_000).Chunk(100))
            Assert.True(await store.Replace(InboxKey.Of(_tenant, "ann"), [], [.. some.Select(i => new WaitingItem($"{(char)WaitingKind.Announced}{i}", sooner, "\"1-1\""u8.ToArray()))]));
        await Board(host).Retract(id);
        await Eventually.Is(async () => (await Titles(inbox)).Length == 0, "it is removed");
    }

    [Fact]
    public async Task Receipts_count_each_inbox_once()
    {
        var host = await Start();
        var id = await Announce(host, "all");
        foreach (var user in (string[])["ann", "bob"]) await Titles(Of(host, user));
        for (var i = 0; i < 3; i++)
        {
            await Of(host, "ann").Mark(new MarkRequest { Action = MarkAction.Read, All = true });
            await Of(host, "ann").Mark(new MarkRequest { Action = MarkAction.Unread, All = true });
            await Of(host, "bob").Mark(new MarkRequest { Action = MarkAction.Seen, All = true });
        }
        await Eventually.Is(async () => await One(host, id) is var one && (one["delivered"]!.GetValue<int>(), one["seen"]!.GetValue<int>(), one["read"]!.GetValue<int>()) == (2, 2, 1), "all are counted");
        await Stop(host);
        host = await Start();
        await Of(host, "ann").Mark(new MarkRequest { Action = MarkAction.Read, All = true });
        await Titles(Of(host, "carla"));
        await Eventually.Is(async () => (await One(host, id))["delivered"]!.GetValue<int>() == 3, "the third one is counted");
        var after = await One(host, id);
        Assert.Equal((2, 1), (after["seen"]!.GetValue<int>(), after["read"]!.GetValue<int>()));
    }

    [Fact]
    public async Task An_inbox_that_cannot_take_it_in_is_read_without_it()
    {
        var host = await Start();
        await Of(host, "ann").Append(New("own"));
        await Announce(host, "all");
        host.Log.BeforeAppend = _ => throw new StorageUnavailableException("on purpose");
        for (var i = 0; i < 3; i++) Assert.DoesNotContain("all", await Titles(Of(host, "ann")));
        host.Log.BeforeAppend = null;
        host.Time.Move(TimeSpan.FromSeconds(3));
        await Eventually.Is(async () => (await Titles(Of(host, "ann"))).SequenceEqual(["all", "own"]), "it is taken in then");
    }

    [Fact]
    public async Task A_key_answers_the_first_one_and_a_hundred_may_be_open()
    {
        var host = await Start();
        var first = await Board(host).Announce(Announcement(host, "all", "key"));
        Assert.Equal(first with { Replayed = true }, await Board(host).Announce(Announcement(host, "all", "key")));
        await Assert.ThrowsAsync<KeyReusedException>(() => Board(host).Announce(Announcement(host, "other", "key")));
        for (var i = 1; i < 100; i++) await Announce(host, "all");
        await Assert.ThrowsAsync<TooManyWaitingException>(() => Announce(host, "one more"));
        await Board(host).Retract(first.Id);
        await Announce(host, "one more");
        Assert.Equal(100, (await Of(host, "ann").Counts()).Total);
    }

    [Fact]
    public async Task Those_that_are_over_make_room_and_those_that_are_retracted_do_when_they_are_over()
    {
        var host = await Start();
        for (var i = 0; i < 1_000; i++) await Board(host).Retract(await Announce(host, "retracted", minutes: 5));
        await Assert.ThrowsAsync<TooManyWaitingException>(() => Announce(host, "one more"));
        host.Time.Move(TimeSpan.FromMinutes(6));
        await Announce(host, "one more");
        Assert.Single(JsonNode.Parse(await Board(host).List())!["items"]!.AsArray());
    }

    protected async Task<long> Announce(InboxHost host, string title, bool newcomers = true, string type = "t", bool isMandatory = false, double minutes = 60)
    {
        var announcement = Announcement(host, title, null, minutes);
        return (await Board(host).Announce(announcement with { Newcomers = newcomers, Notification = announcement.Notification with { Type = type, Mandatory = isMandatory } })).Id;
    }

    private static NewAnnouncement Announcement(InboxHost host, string title, string? key, double minutes = 60) =>
        new(New(title) with { ExpiresAt = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) is var far && key is not null ? far : host.Time.GetUtcNow().AddMinutes(minutes), IdempotencyKey = key }, Newcomers: true);

    private async Task<JsonNode> One(InboxHost host, long id) => JsonNode.Parse(await Board(host).Get(id))!;

    private IAnnouncementsGrain Board(InboxHost host) => host.Cluster.GetGrain<IAnnouncementsGrain>(_tenant);

    protected IInboxGrain Of(InboxHost host, string user) => host.Cluster.GetGrain<IInboxGrain>(InboxKey.Of(_tenant, user));
}
