using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage.Redis;
using StackExchange.Redis;

namespace OrleansInbox;

/// <summary>
/// One process without a cluster has its Redis for itself: two would each hold inboxes in memory, and neither would know what the other did. A lease in Redis says
/// whose it is. Without it nothing is written; who loses it to another ends.
/// </summary>
internal sealed partial class ServerLease(RedisConnection redis, InboxOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<ServerLease> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>How long the lease of a server that was killed on another machine is waited for.</summary>
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _askEvery = TimeSpan.FromMilliseconds(250);

    private readonly LeaseHolder _self = LeaseHolder.Self();
    private readonly CancellationTokenSource _released = new();
    private Task _renewing = Task.CompletedTask;
    private long _validUntil;
    private Task? _releasing;

    /// <summary>Why this process has to end; null: it does not.</summary>
    public StorageUnusableException? Lost { get; private set; }

    /// <summary>From when the last renewal was sent: Redis lets the lease run out later than that.</summary>
    private TimeSpan HeldFor => Lost is null ? time.GetElapsedTime(time.GetTimestamp(), Volatile.Read(ref _validUntil)) : TimeSpan.Zero;

    /// <exception cref="StorageUnusableException">Another server has this Redis, and goes on.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var said = false;
        while (await Ask(dead: null) is { } there)
        {
            var holder = LeaseHolder.Parse(there);
            if (holder?.IsDead(_self) == true && await Ask(dead: there) is null) break;
            var name = holder is null ? "another one" : $"process {holder.Pid} on {holder.Machine}";
            if (time.GetElapsedTime(started) >= options.WaitForOther)
                throw new StorageUnusableException($"Another server ({name}) has the inboxes of this Redis and goes on. One process needs a Redis of its own; several servers on one Redis are a cluster: Cluster:Role=CoHosted for each.");
            if (!said) LogWaits(name, options.WaitForOther);
            said = true;
            await Task.Delay(_askEvery, time, cancellationToken);
        }
        redis.HeldFor = () => HeldFor;
        _renewing = Renew();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing writes any more: the next server need not wait. A host may be asked to stop twice at the same time.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => _releasing ??= Release();

    public void Dispose()
    {
        _releasing ??= Task.CompletedTask;
        _released.Dispose();
    }

    private async Task Release()
    {
        await _released.CancelAsync();
        await _renewing;
        try
        {
            await redis.Read(database => database.ScriptEvaluateAsync("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end", [RedisKeys.Server], [_self.ToString()]));
        }
        catch (StorageUnavailableException)
        {
            // It runs out by itself.
        }
    }

    private async Task Renew()
    {
        using var timer = new PeriodicTimer(_renewEvery, time);
        var released = _released.Token;
        try
        {
            while (await timer.WaitForNextTickAsync(released))
            {
                try
                {
                    if (await Ask(dead: null) is not { } there) continue;
                    var holder = LeaseHolder.Parse(there);
                    Lost = new($"Another server (process {holder?.Pid} on {holder?.Machine}) has taken the inboxes of this Redis, because this one did not answer for {_duration.TotalSeconds:0} seconds. This one ends.");
                    lifetime.StopApplication();
                    return;
                }
                catch (StorageUnavailableException)
                {
                    // Redis is away: nothing can be written anyway, and the lease is taken again when it is back.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // released
        }
    }

    /// <returns>Null when this process has the lease; else its holder.</returns>
    private async Task<string?> Ask(string? dead)
    {
        var sent = time.GetTimestamp();
        var holder = (string?)await redis.Read(redis.WhenFull(RedisScript.Lease), [RedisKeys.Server], [_self.ToString(), (long)_duration.TotalMilliseconds, dead ?? ""]);
        if (holder is null) Volatile.Write(ref _validUntil, sent + (long)(_duration.TotalSeconds * time.TimestampFrequency));
        return holder;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another server ({Holder}) has the inboxes of this Redis. Waiting for it to end, for {Patience} at most (Storage:WaitForOther).")]
    private partial void LogWaits(string holder, TimeSpan patience);
}
