using OrleansInbox.Storage;

namespace OrleansInbox.Backups;

/// <summary>Restores what is not there. Each inbox is atomic: one that was killed is repeated, and goes on where it was.</summary>
/// <param name="archive">Where to.</param>
/// <param name="time">The time.</param>
/// <param name="wants">Whether an inbox (by the grain's key) is to be restored.</param>
internal sealed class RestoreRun(IInboxArchive archive, TimeProvider time, Predicate<string> wants)
{
    /// <summary>Are written at the same time, and are in memory.</summary>
    private const int _atOnce = 32;

    private long _restored;
    private long _there;
    private long _forgotten;
    private long _keys;
    private long _subscriptions;

    /// <summary>Reads the file twice: before anything is written it is known to be whole.</summary>
    /// <exception cref="BackupException">The file cannot be restored; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">Storage is away; what was restored until then stays.</exception>
    public async Task<RestoreSummary> Read(string file, BackupProgress progress, CancellationToken cancelled)
    {
        var (created, summary, tombstones) = Verify(file, cancelled);
        progress.Begin(summary.Inboxes);
        foreach (var tombstone in tombstones) await archive.RestoreTombstone(tombstone);
        var since = time.GetUtcNow() - created;
        var (underWay, inboxes, keysBegan, reader) = (new List<Task>(_atOnce), 0L, false, new BackupReader(file));
        foreach (var line in reader.Lines())
        {
            cancelled.ThrowIfCancellationRequested();
            if (line is ArchivedKey && !keysBegan)
            {
                keysBegan = true;
                await Done(underWay); // a key needs its inbox
            }
            if (line is ArchivedInbox) inboxes++;
            if (line is ArchivedInbox inbox && wants(inbox.Key)) underWay.Add(Restore(inbox.AfterLoss(since)));
            else if (line is ArchivedTopic topic && Wanted(topic) is { } wanted) underWay.Add(Restore(wanted, created));
            else if (line is ArchivedAnnouncements announcements && wants(announcements.Tenant)) underWay.Add(archive.RestoreAnnouncements(announcements));
            else if (line is ArchivedKey key && wants(key.Inbox)) underWay.Add(Restore(key));
            if (underWay.Count < _atOnce) continue;
            await Done(underWay);
            progress.Report(inboxes, reader.Bytes);
        }
        await Done(underWay);
        return new(_restored, _there, _forgotten, _keys, _subscriptions);
    }

    private static (DateTimeOffset Created, BackupSummary Summary, List<Tombstone> Tombstones) Verify(string file, CancellationToken cancelled)
    {
        var (created, summary, tombstones) = (default(DateTimeOffset), new BackupSummary(0, 0, 0), new List<Tombstone>());
        foreach (var line in new BackupReader(file).Lines())
        {
            cancelled.ThrowIfCancellationRequested();
            if (line is BackupHeader header) created = header.Created;
            else if (line is Tombstone tombstone) tombstones.Add(tombstone);
            else if (line is BackupSummary end) summary = end;
        }
        return (created, summary, tombstones);
    }

    private async Task Restore(ArchivedInbox inbox)
    {
        var outcome = await archive.Restore(inbox);
        Interlocked.Increment(ref outcome == RestoreOutcome.Restored ? ref _restored : ref outcome == RestoreOutcome.IsThere ? ref _there : ref _forgotten);
    }

    private async Task Restore(ArchivedKey key)
    {
        if (await archive.RestoreKey(key)) Interlocked.Increment(ref _keys);
    }

    private async Task Restore(ArchivedTopic topic, DateTimeOffset created) => Interlocked.Add(ref _subscriptions, await archive.RestoreTopic(topic, created));

    /// <returns>The topic with those of its subscribers who are restored; null when nothing of it is.</returns>
    private ArchivedTopic? Wanted(ArchivedTopic topic)
    {
        var (tenant, _) = InboxKey.Parse(topic.Key);
        var wanted = topic with { IsOpen = topic.IsOpen && wants(topic.Key), Subscribers = [.. topic.Subscribers.Where(user => wants(InboxKey.Of(tenant, user)))] };
        return wanted.IsOpen || wanted.Subscribers.Count > 0 ? wanted : null;
    }

    private static async Task Done(List<Task> underWay)
    {
        await Task.WhenAll(underWay);
        underWay.Clear();
    }
}

/// <param name="Restored">Inboxes that are there now.</param>
/// <param name="There">Those that were there already, and were left as they are.</param>
/// <param name="Forgotten">Those of people who were forgotten.</param>
/// <param name="Keys">Idempotency keys that are remembered again.</param>
/// <param name="Subscriptions">Of users to topics, that are there now.</param>
public sealed record RestoreSummary(long Restored, long There, long Forgotten, long Keys, long Subscriptions);
