using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// Waits until replicas have what a master has done so far. WAIT stops the connection that it comes by, until replicas answer or the limit has passed: it has
/// connections of its own, so that a replica that is away holds up no read. WAIT asks for the last write of its connection: a small write goes before it.
/// </summary>
/// <param name="count">So many of each master.</param>
internal sealed class RedisReplicas(int count, Func<Task<IConnectionMultiplexer>> connect) : IAsyncDisposable
{
    /// <summary>Twice this and the rest of a publish stay below what a caller waits for: after the first time the log is read, and replicas are waited for once more.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<EndPoint, Group> _groups = [];
    private Task<IConnectionMultiplexer>? _connection;

    public int Count => count;

    /// <summary>Calls that come while a master is asked go together with the next question.</summary>
    /// <param name="slot">One that the master has; null outside a Redis Cluster.</param>
    /// <returns>Null when enough replicas have it, else why that is not known.</returns>
    public Task<string?> Wait(EndPoint master, int? slot)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(master, out var group)) _groups.Add(master, group = new());
            var mine = group.Next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            group.Slot ??= slot;
            if (!group.IsAsking)
            {
                group.IsAsking = true;
                _ = AskOn(master, group);
            }
            return mine.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsFaulted: false } connection) await (await connection).DisposeAsync();
    }

    private async Task AskOn(EndPoint master, Group group)
    {
        while (true)
        {
            TaskCompletionSource<string?> asked;
            int? slot;
            lock (_lock)
            {
                if (group.Next is null)
                {
                    group.IsAsking = false;
                    return;
                }
                (asked, slot, group.Next) = (group.Next, group.Slot, null);
            }
            var failure = await Ask(master, slot).ConfigureAwait(false);
            if (failure is not null) lock (_lock) group.Slot = null; // it may be another master's by now
            asked.SetResult(failure);
        }
    }

    private async Task<string?> Ask(EndPoint master, int? slot)
    {
        try
        {
            var server = (await Connected().ConfigureAwait(false)).GetServer(master);
            // Not followed elsewhere: who is no master any more confirms nothing.
            var write = server.ExecuteAsync("SET", [RedisKeys.Replicas(slot), "", "PX", 60_000], CommandFlags.NoRedirect);
            var wait = server.ExecuteAsync("WAIT", [count, (int)_limit.TotalMilliseconds], CommandFlags.NoRedirect);
            await write.ConfigureAwait(false);
            var have = (int)await wait.ConfigureAwait(false);
            return have >= count ? null : string.Create(CultureInfo.InvariantCulture, $"{have} of {count} had it after {_limit.TotalSeconds:0} s");
        }
        catch (Exception e) // whatever it is, all who wait are told: no such server, one that is a replica now, no connection
        {
            return e.Message;
        }
    }

    private Task<IConnectionMultiplexer> Connected()
    {
        lock (_lock) return _connection is { IsFaulted: false } connection ? connection : _connection = connect();
    }

    private sealed class Group
    {
        public TaskCompletionSource<string?>? Next { get; set; }
        public int? Slot { get; set; }
        public bool IsAsking { get; set; }
    }
}
