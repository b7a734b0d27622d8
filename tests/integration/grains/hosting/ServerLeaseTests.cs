using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage.Redis;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Grains.Hosting;

/// <summary>The lease alone; with processes: <see cref="Processes.LeaseTests"/>.</summary>
public sealed class ServerLeaseTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset _birth = DateTimeOffset.FromUnixTimeMilliseconds(1_766_000_000_000);
    private readonly CollectedLog _logged = new();
    private RedisServer _redis = null!;
    private RedisConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _connection = new(_redis.Address, TimeSpan.FromSeconds(3), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        await _connection.Ping();
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public void Dispose() => _logged.Dispose();

    [Fact]
    public async Task A_lease_that_ran_out_while_Redis_was_away_is_taken_again_and_the_server_goes_on()
    {
        var time = new FakeTime();
        using var lease = Lease(time);
        await lease.StartingAsync(default);
        Assert.Equal(1, await Append(head: 0));
        await _redis.Kill();
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Contains("does not hold the lease", (await Assert.ThrowsAsync<StorageUnavailableException>(() => Append(head: 1))).Message, StringComparison.Ordinal);
        await _redis.Start();
        await Eventually.Succeeds(_connection.Ping, "the connection to a restarted Redis");
        await (await Database()).KeyDeleteAsync(RedisKeys.Server); // Redis' own clock did not run ahead
        time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.Succeeds(() => Append(head: 1), "the lease");
        Assert.Equal(Environment.ProcessId, LeaseHolder.Parse((await (await Database()).StringGetAsync(RedisKeys.Server))!)!.Pid);
        Assert.Null(lease.Lost);
        await lease.StoppedAsync(default);
    }

    [Fact]
    public async Task The_lease_of_a_server_that_was_killed_on_another_machine_is_waited_for()
    {
        var killed = new LeaseHolder("x", "another-boot/pid:[1]", 42, "7", "another-machine");
        using var lease = Lease(TimeProvider.System);
        await (await Database()).StringSetAsync(RedisKeys.Server, killed.ToString(), TimeSpan.FromSeconds(1));
        await lease.StartingAsync(default);

        Assert.Contains("process 42 on another-machine", Assert.Single(_logged.Messages), StringComparison.Ordinal);
        Assert.Equal(1, await Append(head: 0));
        await lease.StoppedAsync(default);
        Assert.False(await (await Database()).KeyExistsAsync(RedisKeys.Server)); // the next one need not wait
    }

    private ServerLease Lease(TimeProvider time) => new(_connection, new InboxOptions(), time, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), new Logger<ServerLease>(new LoggerFactory([_logged])));

    private async Task<IDatabase> Database() => (await _connection.Multiplexer).GetDatabase();

    private async Task<long> Append(long head) =>
        (await new RedisInboxLog(_connection, new InboxOptions()).Append("t/a", new(_birth.ToUnixTimeMilliseconds(), head, 0, "w1", [new("{}"u8.ToArray(), _birth.AddSeconds(head))])))[0].Seq;
}
