using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>
/// Counts follow from the marks, lists from the log. A read that finds less than the marks say (storage came back from an older copy, or somebody removed
/// entries) ends that: what the log has lost is marked as deleted, so that both say the same again.
/// </summary>
internal sealed partial class LostEntries(InboxSession inbox, MarkQueue marks)
{
    private Task<bool>? _marking;

    /// <summary>Loads the inbox again, and marks as deleted what is missing all the same. Who comes meanwhile waits for that.</summary>
    /// <param name="epoch">Of the state that missed something.</param>
    /// <param name="from">The first seq of what was read.</param>
    /// <param name="to">The last one.</param>
    /// <returns>False when that is not possible now.</returns>
    public Task<bool> Mark(long epoch, long from, long to) => _marking is { IsCompleted: false } ? _marking : _marking = Find(epoch, from, to);

    private async Task<bool> Find(long epoch, long from, long to)
    {
        inbox.Invalidate(marksToo: true);
        var state = await inbox.Loaded();
        if (state.Epoch != epoch) return true;
        var entries = await inbox.Services.Log.Read(inbox.Key, epoch, from, to, (int)Math.Min(int.MaxValue, to - from + 1), newestFirst: false);
        var there = entries.Select(entry => entry.Seq).ToHashSet();
        var lost = state.Matching(StatusFilter.All, from, to, newestFirst: false).SelectMany(range => range.Seqs).Where(seq => !there.Contains(seq)).ToArray();
        if (lost.Length == 0) return true;
        EntriesLost(inbox.Services.Logger, inbox.Services.Losses.Begins() ? LogLevel.Warning : LogLevel.Debug, inbox.Key, lost.Length, new(epoch, lost[0]));
        try
        {
            await marks.Change(s => s.Epoch == epoch ? s.Delete(lost) : (s, [])); // what was dropped meanwhile is passed over
            return true;
        }
        catch (Exception failure) when (failure is StorageUnavailableException or InconsistentStateException) // logged there; an older replica may be read-only
        {
            return false;
        }
    }

    [LoggerMessage(Message = "Inbox {Inbox}: {Count} notifications, {First} the first, are not in the log any more and count as deleted. Was storage restored, or is it an older replica? (More of them are logged as Debug.)")]
    private static partial void EntriesLost(ILogger logger, LogLevel level, string inbox, int count, NotificationId first);
}
