using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>Redis frozen, killed, restarted, emptied: what the callers are told, and what is there afterwards.</summary>
public sealed class RedisOutageTests : IAsyncLifetime
{
    private const long Epoch = 1_766_000_000_000;
    private static readonly DateTimeOffset _birth = DateTimeOffset.FromUnixTimeMilliseconds(Epoch);
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisInboxLog _log = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.Start("always");
        _connection = Connect();
        _log = Log(_connection);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    private RedisConnection Connect() => new(_server.Address, TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger<RedisConnection>.Instance);

    private static RedisInboxLog Log(RedisConnection connection) => new(connection, new InboxOptions());

    private Task<IReadOnlyList<LogOutcome>> Append(string inbox, long head) =>
        _log.Append(inbox, new(Epoch, head, 0, "w1", [new("{}"u8.ToArray(), _birth.AddSeconds(head))]));

    private async Task<long> Head(string inbox) => (await _log.Open(inbox, _birth)).Head;

    [Fact]
    public async Task What_a_frozen_redis_finds_in_its_socket_is_not_done_after_the_caller_was_told()
    {
        var inboxes = Enumerable.Range(0, 50).Select(n => $"t/{n}").ToArray();
        foreach (var inbox in inboxes) await Append(inbox, 0);
        _server.Freeze();
        var told = await Task.WhenAll(inboxes.Select(inbox => Assert.ThrowsAsync<StorageUnavailableException>(() => Append(inbox, 1))));
        Assert.Contains(told, exception => exception.Uncertain); // what was sent: it might have been frozen after it did it
        Assert.Contains(told, exception => !exception.Uncertain); // what still waited behind it
        _server.Thaw();
        await Eventually.Succeeds(_log.Ping, "Redis to answer again after SIGCONT");
        foreach (var inbox in inboxes) Assert.Equal(1, await Head(inbox));
        foreach (var inbox in inboxes) Assert.Equal(2, (await Append(inbox, 1))[0].Seq);
    }

    [Fact]
    public async Task What_reaches_redis_after_its_sender_has_lost_the_lease_is_not_done()
    {
        await Append("t/a", 0);
        _connection.HeldFor = () => TimeSpan.FromMilliseconds(1); // the last moment to send something: it runs out on the way
        Assert.False((await Assert.ThrowsAsync<StorageUnavailableException>(() => Append("t/a", 1))).Uncertain);
        _connection.HeldFor = null;
        Assert.Equal(1, await Head("t/a"));
        Assert.Equal(2, (await Append("t/a", 1))[0].Seq);
    }

    [Fact]
    public async Task A_killed_redis_is_told_at_once_and_goes_on_by_itself_with_everything()
    {
        await Append("t/a", 0);
        await _server.Kill();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Append("t/a", 1)); // may be the one that finds out
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(() => Append("t/a", 1));
        Assert.False(failed.Uncertain);
        await _server.Start();
        await Eventually.Succeeds(_log.Ping, "the connection to a restarted Redis");
        Assert.Equal(1, await Head("t/a"));
        Assert.Equal(2, (await Append("t/a", 1))[0].Seq); // the new one does not know the script
    }

    [Fact]
    public async Task A_redis_that_is_not_there_at_the_start_is_found_when_it_comes()
    {
        await _server.Stop();
        await using var connection = Connect();
        var log = Log(connection);
        Assert.False((await Assert.ThrowsAsync<StorageUnavailableException>(() => log.Erase("t/a", Epoch))).Uncertain);
        await _server.Start();
        await Eventually.Succeeds(log.Ping, "the first connection");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_doubled_or_torn_by_kill_9_in_the_middle()
    {
        var acknowledged = 0L;
        var running = Task.Run(async () =>
        {
            try
            {
                for (var head = 0L; ; head++)
                {
                    await Append("t/a", head);
                    Volatile.Write(ref acknowledged, head + 1);
                }
            }
            catch (StorageUnavailableException e)
            {
                return e;
            }
        });
        await Eventually.Succeeds(() => Volatile.Read(ref acknowledged) > 20 ? Task.CompletedTask : throw new StorageUnavailableException(), "20 appends");
        await _server.Kill();
        var end = await running;
        await _server.Start();
        await Eventually.Succeeds(_log.Ping, "the connection to a restarted Redis");
        var head = await Head("t/a");
        Assert.InRange(head, acknowledged, acknowledged + (end.Uncertain ? 1 : 0));
        Assert.Equal(head, (await _log.Read("t/a", Epoch, 1, long.MaxValue, 1_000_000, newestFirst: false)).Count);
    }

    [Fact]
    public async Task The_log_lives_as_long_as_its_entries_may_and_keys_live_a_day()
    {
        await using var patient = new RedisConnection(_server.Address, TimeSpan.FromSeconds(4), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var log = Log(patient);
        await log.Append("t/a", new(Epoch, 0, 0, "w1", [new("{}"u8.ToArray(), _birth, "key", _birth.AddDays(1))]));
        using var connection = await ConnectionMultiplexer.ConnectAsync(_server.Address + ",allowAdmin=true");
        var (database, server) = (connection.GetDatabase(), connection.GetServer(_server.Address));
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:{t/a}:log"))!.Value.TotalDays, 91.9, 92);
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:{t/a}:exp"))!.Value.TotalDays, 91.9, 92);
        var key = Assert.Single(server.Keys(pattern: "inbox:{t/a}:key:*"));
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value.TotalHours, 23.9, 24);

        await database.KeyExpireAsync("inbox:{t/a}:log", TimeSpan.FromDays(50)); // as if weeks had passed
        await log.Append("t/a", new(Epoch, 1, 0, "w1", [new("{}"u8.ToArray(), _birth.AddMinutes(1))], LastCreatedAt: _birth));
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:{t/a}:log"))!.Value.TotalDays, 49.9, 50); // once a day is enough
        await log.Append("t/a", new(Epoch, 2, 0, "w1", [new("{}"u8.ToArray(), _birth.AddDays(1))], LastCreatedAt: _birth.AddMinutes(1)));
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:{t/a}:log"))!.Value.TotalDays, 91.9, 92);
    }
}
