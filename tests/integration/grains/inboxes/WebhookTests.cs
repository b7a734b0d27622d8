using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Storage;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class WebhooksOnRedis(RedisInboxes inboxes) : WebhookTests(inboxes)
{
    [Fact]
    public async Task Nobody_is_told_of_what_was_seen_at_another_activation()
    {
        var (host, other, after) = (await Start(), await Start(), TimeSpan.FromMinutes(1)); // short, so that the activation is not given up meanwhile for being idle
        var seen = await host.Inbox(User).Append(New("seen") with { Fallback = new() { After = after } });
        Assert.Equal(1, (await host.Inbox(User).Counts()).Unseen); // and that is what this one goes on to know, as a silo does that stands still
        await other.Inbox(User).Mark(new MarkRequest { Action = MarkAction.Seen, UpTo = seen.Id });
        host.Time.Move(after * 1.1);
        await NothingWaits(host);
        Assert.Equal(0, Attempts);
    }
}

[Collection(SqliteInboxes.Name)]
public sealed class WebhooksOnSqlite(SqliteInboxes inboxes) : WebhookTests(inboxes);

/// <summary>Endpoints hear of what was not seen, was read, was chosen: never nothing, and never of what was seen.</summary>
public abstract class WebhookTests(InboxFixture inboxes) : InboxGrainTests(inboxes), IAsyncLifetime
{
    private static readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private static readonly InboxOptions _attentive = new() { DuePoll = TimeSpan.FromMilliseconds(20) };
    protected static readonly TimeSpan After = TimeSpan.FromMinutes(10);

    private WebhookReceiver _receiver = null!;

    protected int Attempts => _receiver.Attempts;

    async Task IAsyncLifetime.InitializeAsync() => _receiver = await WebhookReceiver.Start();

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Who_did_not_look_is_told_in_one_event_signed_and_with_what_is_due_soon()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        var seen = await inbox.Append(Told("seen"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Seen, UpTo = seen.Id });
        var archived = await inbox.Append(Told("archived"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, Ids = [archived.Id] });
        await inbox.Delete((await inbox.Append(Told("deleted"))).Id);
        await inbox.Append(New("without"));
        var first = await inbox.Append(Told("first"));
        host.Time.Move(TimeSpan.FromSeconds(30));
        await inbox.Append(Told("second"));
        await inbox.SavePreferences("""{"channels":{"email":{"off":["like"]}}}"""u8.ToArray(), null);
        await Stop(host); // what is to be told is in storage
        host = await Start();
        host.Time.Move(TimeSpan.FromMinutes(10.1));

        var (id, body, headers, raw) = await _receiver.Next();
        Assert.StartsWith("msg_", id, StringComparison.Ordinal);
        Assert.Equal("notification.unseen", body.GetProperty("type").GetString());
        var data = body.GetProperty("data");
        Assert.Equal(["first", "second"], Titles(data));
        Assert.Equal((User, "default", first.Id.ToString()), (data.GetProperty("user").GetString(), data.GetProperty("tenant").GetString(), data.GetProperty("items")[0].GetProperty("id").GetString()));
        Assert.Equal((3, "like"), (data.GetProperty("counts").GetProperty("unseen").GetInt32(), data.GetProperty("channels").GetProperty("email").GetProperty("off")[0].GetString()));
        var signed = Encoding.UTF8.GetBytes($"{id}.{headers["webhook-timestamp"]}.").Concat(raw).ToArray();
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(_secret, signed)), headers["webhook-signature"].ToString());
        await NothingWaits(host);
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task Unless_read_is_told_of_what_was_seen_only()
    {
        var host = await Start();
        var read = await host.Inbox(User).Append(Told("read", unlessRead: true));
        await host.Inbox(User).Append(Told("seen", unlessRead: true));
        await host.Inbox(User).Mark(new MarkRequest { Action = MarkAction.Seen, All = true });
        await host.Inbox(User).Mark(new MarkRequest { Action = MarkAction.Read, Ids = [read.Id] });
        host.Time.Move(After * 1.1);
        Assert.Equal(["seen"], Titles((await _receiver.Next()).Body.GetProperty("data")));
        await NothingWaits(host);
    }

    [Fact]
    public async Task More_than_fifty_are_told_in_more_than_one_event()
    {
        var host = await Start();
        for (var i = 0; i < 70; i++) await host.Inbox(User).Append(Told($"{i}"));
        host.Time.Move(After * 1.1);
        var events = new[] { await _receiver.Next(), await _receiver.Next() };
        Assert.Equal([20, 50], events.Select(one => one.Body.GetProperty("data").GetProperty("items").GetArrayLength()).Order());
        Assert.Equal(70, events.SelectMany(one => Titles(one.Body.GetProperty("data"))).Distinct().Count());
        await NothingWaits(host);
    }

    [Fact]
    public async Task It_waits_for_the_end_of_quiet_hours()
    {
        var host = await Start();
        var now = host.Time.GetUtcNow();
        var (from, to) = (QuietHours.TextOf(TimeOnly.FromDateTime(now.UtcDateTime.AddHours(-1))), QuietHours.TextOf(TimeOnly.FromDateTime(now.UtcDateTime.AddHours(2))));
        await host.Inbox(User).SavePreferences(Encoding.UTF8.GetBytes($$$"""{"quiet":{"from":"{{{from}}}","to":"{{{to}}}","zone":"UTC"}}"""), null);
        await host.Inbox(User).Append(Told("waits"));
        host.Time.Move(After * 1.1);
        var check = Assert.Single(await Store(host).List(Key, WaitingKind.Unseen, WaitingPlace.Start, 9));
        await Eventually.Is(async () => (await host.Inbox(User).Deliver([check.Id])).Later.TryGetValue(check.Id, out var at) && at > host.Time.GetUtcNow().AddHours(1), "the check to wait for the end");
        Assert.Equal(0, _receiver.Attempts);
        host.Time.Move(TimeSpan.FromHours(2));
        Assert.Equal(["waits"], Titles((await _receiver.Next()).Body.GetProperty("data")));
    }

    [Fact]
    public async Task A_receipt_is_sent_when_it_is_read_and_once()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        var first = await inbox.Append(New("first") with { Receipt = true });
        await inbox.Append(New("second") with { Receipt = true });
        await inbox.Append(New("none"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [first.Id] });
        var told = (await _receiver.Next()).Body;
        Assert.Equal(("notification.read", true), (told.GetProperty("type").GetString(), told.GetProperty("data").GetProperty("items")[0].GetProperty("read").GetBoolean()));
        Assert.Equal(["first"], Titles(told.GetProperty("data")));
        await Stop(host);
        host = await Start(); // knows of no receipt
        await host.Inbox(User).Mark(new MarkRequest { Action = MarkAction.Read, All = true });
        Assert.Equal(["second"], Titles((await _receiver.Next()).Body.GetProperty("data")));
        await NothingWaits(host);
    }

    [Fact]
    public async Task A_process_that_dies_before_it_tells_of_a_mark_or_a_choice_has_told_later()
    {
        var host = await Start(endpoint: null);
        var store = Store(host);
        var item = await host.Inbox(User).Append(New("chosen") with { Receipt = true, Actions = [new() { Id = "yes", Label = "Yes" }] });
        var other = await host.Inbox(User).Append(New("other"));
        // What a process has written that dies after the mark.
        foreach (var kind in new[] { WaitingKind.Receipt, WaitingKind.Acted })
            foreach (var id in new[] { item.Id, other.Id })
            {
                var check = new WaitingItem(kind == WaitingKind.Acted ? $"a{id}" : Waiting.NewId(kind), host.Time.GetUtcNow().AddMinutes(1), Encoding.ASCII.GetBytes($"\"{id}\""));
                await store.Announce([new(Key, check.Id, check.DueAt)]);
                await store.Replace(Key, [], [check]);
            }
        await host.Inbox(User).Act(item.Id, "yes");
        await Stop(host);
        host = await Start();
        host.Time.Move(TimeSpan.FromMinutes(2));
        var events = new[] { (await _receiver.Next()).Body, (await _receiver.Next()).Body }.OrderBy(one => one.GetProperty("type").GetString()).ToList();
        Assert.Equal(["notification.acted", "notification.read"], events.Select(one => one.GetProperty("type").GetString()!));
        Assert.All(events, one => Assert.Equal(["chosen"], Titles(one.GetProperty("data"))));
        await Eventually.Is(async () => (await Store(host).List(Key, WaitingKind.Acted, WaitingPlace.Start, 9)).Count == 0, "the choice that was not made to be forgotten");
        Assert.Equal(other.Id.ToString(), JsonDocument.Parse(Assert.Single(await Store(host).List(Key, WaitingKind.Receipt, WaitingPlace.Start, 9)).Json).RootElement.GetString());
    }

    [Fact]
    public async Task A_choice_is_told_once_with_what_was_chosen()
    {
        var host = await Start();
        var id = (await host.Inbox(User).Append(New("chosen") with { Actions = [new() { Id = "yes", Label = "Yes" }, new() { Id = "no", Label = "No" }] })).Id;
        await host.Inbox(User).Act(id, "yes");
        await Assert.ThrowsAsync<AlreadyActedException>(() => host.Inbox(User).Act(id, "no"));
        await host.Inbox(User).Act(id, "yes");
        var told = (await _receiver.Next()).Body;
        Assert.Equal(("notification.acted", "yes"), (told.GetProperty("type").GetString(), told.GetProperty("data").GetProperty("items")[0].GetProperty("acted").GetProperty("action").GetString()));
        await NothingWaits(host);
        Assert.False(_receiver.HasMore);
    }

    [Theory]
    [InlineData(503), InlineData(302), InlineData(404)]
    public async Task What_an_endpoint_does_not_take_comes_again_under_its_id(int status)
    {
        _receiver.Answer = http =>
        {
            http.Response.StatusCode = _receiver.Attempts < 3 ? status : 204;
            if (status == 302) http.Response.Headers.Location = _receiver.Url.ToString(); // is not followed
            return Task.CompletedTask;
        };
        var host = await Start();
        await host.Inbox(User).Append(Told("told"));
        host.Time.Move(After * 1.1);
        var attempts = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            attempts.Add((await _receiver.Next()).Id);
            await Eventually.Is(async () =>
            {
                if (i == 2 || _receiver.HasMore) return true;
                host.Time.Move(TimeSpan.FromMinutes(1)); // its pause
                await Task.Yield();
                return false;
            }, "the next attempt");
        }
        Assert.Single(attempts.Distinct());
        await NothingWaits(host);
        Assert.Equal(3, _receiver.Attempts);
    }

    [Fact]
    public async Task One_that_never_takes_it_is_given_up_and_one_that_is_gone_is_called_no_more()
    {
        _receiver.Answer = http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var host = await Start(options => options with { Pauses = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)] });
        await host.Inbox(User).Append(Told("given up"));
        host.Time.Move(After * 1.1);
        for (var i = 0; i < 3; i++) await _receiver.Next();
        await NothingWaits(host);
        Assert.Equal(3, _receiver.Attempts);

        _receiver.Answer = http =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        foreach (var title in new[] { "gone", "not sent" })
        {
            await host.Inbox(User).Append(Told(title));
            host.Time.Move(After * 1.1);
            await NothingWaits(host);
        }
        Assert.Equal(4, _receiver.Attempts);
    }

    [Fact]
    public async Task One_that_is_announced_and_stored_after_it_was_looked_for_is_sent()
    {
        var host = await Start();
        var (store, now) = (Store(host), DateTimeOffset.FromUnixTimeMilliseconds(host.Time.GetUtcNow().ToUnixTimeMilliseconds()));
        var stored = WebhookEvent.Waiting(new(_receiver.Url, _secret, WebhookOptions.Known, null), "{}"u8.ToArray(), now);
        await store.Announce([new(Key, stored.Id, now)]);
        await Eventually.Is(async () =>
        {
            for (var part = 0; part < store.Parts; part++)
                if ((await store.Due(part, now, 1_000)).Any(item => item.Id == stored.Id)) return false;
            return true;
        }, "it to be looked for");
        await store.Replace(Key, [], [stored]);
        host.Time.Move(WebhookSender.Lease * 1.1);
        Assert.Equal(JsonValueKind.Object, (await _receiver.Next()).Body.ValueKind);
        await NothingWaits(host);
    }

    [Fact]
    public async Task A_slow_endpoint_has_failed_and_delays_no_other()
    {
        await using var other = await WebhookReceiver.Start();
        var slow = new TaskCompletionSource();
        _receiver.Answer = http => slow.Task.WaitAsync(http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var host = await Start(options => options with { Timeout = TimeSpan.FromMilliseconds(200), Endpoints = [.. options.Endpoints, new(other.Url, _secret, [WebhookOptions.Unseen], null)] });
        for (var i = 0; i < 3; i++) await host.Inbox(User).Append(Told($"{i}"));
        host.Time.Move(After * 1.1);
        Assert.Equal(["0", "1", "2"], Titles((await other.Next()).Body.GetProperty("data")));
        await Eventually.Is(async () => (await Store(host).List(Key, WaitingKind.Event, WaitingPlace.Start, 9)) is [{ Options: "1" }], "the slow one to have failed once");
        slow.SetResult();
    }

    [Fact]
    public async Task Who_asked_for_nothing_has_nothing_stored_and_forgetting_takes_what_is_on_its_way()
    {
        var host = await Start(options => options with { Endpoints = [options.Endpoints[0] with { Events = [WebhookOptions.Acted], Tenant = "another" }] });
        await host.Inbox(User).Append(Told("nobody asked") with { Receipt = true });
        await NothingWaits(host);
        await Stop(host);

        _receiver.Answer = http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        host = await Start();
        await host.Inbox(User).Append(Told("told") with { Receipt = true });
        host.Time.Move(After * 1.1);
        await _receiver.Next();
        await host.Inbox(User).Forget();
        await NothingWaits(host);
    }

    [Fact]
    public async Task A_scheduled_one_has_its_checks_from_when_it_comes()
    {
        var host = await Start();
        await host.Inbox(User).Append(Told("later") with { DeliverAt = host.Time.GetUtcNow().AddHours(1), Receipt = true });
        Assert.Empty(await Store(host).List(Key, WaitingKind.Unseen, WaitingPlace.Start, 9));
        host.Time.Move(TimeSpan.FromHours(1.01));
        await Eventually.Is(async () => (await host.Inbox(User).Counts()).Total == 1, "it comes");
        Assert.Single(await Store(host).List(Key, WaitingKind.Receipt, WaitingPlace.Start, 9));
        host.Time.Move(After * 1.1);
        Assert.Equal(["later"], Titles((await _receiver.Next()).Body.GetProperty("data")));
    }

    protected static NewNotification Told(string title, bool unlessRead = false) => New(title) with { Fallback = new() { After = After, UnlessRead = unlessRead } };

    private string Key => InboxKey.Of(InboxKey.DefaultTenant, User);

    private static IWaitingStore Store(InboxHost host) => host.Services.GetRequiredService<IWaitingStore>();

    private Task<InboxHost> Start(Uri? endpoint) => Start(options => options with { Endpoints = endpoint is null ? [] : options.Endpoints });

    protected Task<InboxHost> Start(Func<WebhookOptions, WebhookOptions>? change = null)
    {
        var options = new WebhookOptions { Endpoints = [new(_receiver.Url, _secret, WebhookOptions.Known, null)] };
        return Start(_attentive, services => services.AddSingleton(change?.Invoke(options) ?? options));
    }

    protected Task NothingWaits(InboxHost host) => Eventually.Is(async () =>
    {
        foreach (var kind in new[] { WaitingKind.Unseen, WaitingKind.Receipt, WaitingKind.Acted, WaitingKind.Event })
            if ((await Store(host).List(Key, kind, WaitingPlace.Start, 9)).Count > 0) return false;
        return true;
    }, "everything to be told");

    private static IEnumerable<string> Titles(JsonElement data) => data.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()!);
}
