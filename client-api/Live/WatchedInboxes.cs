using System.Collections.Concurrent;

namespace OrleansInbox.ClientApi.Live;

/// <summary>The inboxes that are watched from here, in slices: one slice is visited at a time, so that renewals and heartbeats are spread out.</summary>
internal sealed class WatchedInboxes(LiveContext context)
{
    public const int Slices = 64;

    private readonly ConcurrentDictionary<string, WatchedInbox>[] _slices =
        [.. Enumerable.Range(0, Slices).Select(_ => new ConcurrentDictionary<string, WatchedInbox>(StringComparer.Ordinal))];

    private int _count;

    /// <summary>Nobody is connected, and nothing that was watched waits for its end.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public WatchedInbox? Find(string key) => SliceOf(key).GetValueOrDefault(key);

    /// <returns>The inbox, which the caller has to leave again; null when it has too many readers already.</returns>
    public WatchedInbox? Join(string key, LiveConnection? connection)
    {
        var slice = SliceOf(key);
        while (true)
        {
            if (!slice.TryGetValue(key, out var inbox))
            {
                var created = new WatchedInbox(key, context);
                inbox = slice.GetOrAdd(key, created);
                if (inbox == created) Count(1);
            }
            switch (inbox.Join(connection))
            {
                case JoinResult.Joined: return inbox;
                case JoinResult.Full: return null;
                default: slice.TryRemove(new(key, inbox)); break; // whoever retired it removes it too
            }
        }
    }

    /// <returns>False when a reader has come meanwhile.</returns>
    public bool TryRetire(WatchedInbox inbox)
    {
        if (!inbox.TryRetire()) return false;
        SliceOf(inbox.Key).TryRemove(new(inbox.Key, inbox));
        Count(-1);
        return true;
    }

    public IEnumerable<WatchedInbox> Slice(long number) => _slices[(int)((ulong)number % Slices)].Select(entry => entry.Value);

    public IEnumerable<WatchedInbox> All => _slices.SelectMany(slice => slice.Select(entry => entry.Value));

    private void Count(int change)
    {
        Interlocked.Add(ref _count, change);
        context.Metrics.WatchedUsers(change);
    }

    private ConcurrentDictionary<string, WatchedInbox> SliceOf(string key) => _slices[(uint)key.GetHashCode(StringComparison.Ordinal) % Slices];
}
