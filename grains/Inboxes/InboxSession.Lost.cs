using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>A log that lost its end must not assign an id twice: a hole is better.</summary>
internal sealed partial class InboxSession
{
    private const int _maxConflicts = 5;

    /// <summary>The highest id that was assigned, or seen by a client, as far as this activation knows.</summary>
    private NotificationId _highest;

    /// <summary>The head that the log has; below the state's when the log lost its end.</summary>
    private long _logHead;

    private SeqRanges _skipped = SeqRanges.Empty;
    private bool _tailMayBeLost;

    /// <summary>This activation appended to it, so that <see cref="_highest"/> is right whatever the log loses.</summary>
    private long _knownEpoch;

    /// <summary>The log lost its end, or may have: <see cref="Skip"/> before the next append, or it would assign ids a second time.</summary>
    public bool MustSkip => State is { Head: > 0 } state && (_tailMayBeLost || state.Head > _logHead);

    /// <summary>
    /// A client has seen an id above our head, and storage was asked: the log lost its end. Ids go on above what the client has seen, or a client that comes
    /// back with an id would have it for another notification.
    /// </summary>
    public async Task Seen(NotificationId id)
    {
        var state = await Loaded();
        if (id.Epoch != state.Epoch || id.Seq <= state.Head || id.Seq - state.Head > MaxLost(state)) return; // never assigned here
        _highest = id;
        Invalidate(marksToo: false);
        await Fenced();
    }

    /// <summary>As <see cref="Loaded"/>, and what the state leaves out is left out in the log too: until then another activation may append there.</summary>
    public async ValueTask<InboxState> Fenced()
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var state = await Loaded();
            if (state.Head == 0 || state.Head <= _logHead) return state;
            try
            {
                await Skip();
            }
            catch (LogConflictException conflict) // an append came between, and the state was dropped: look again
            {
                if (conflicts == _maxConflicts) throw Unavailable(conflict);
            }
        }
    }

    /// <summary>Leaves out, in the log too, what it lost or may have lost.</summary>
    /// <exception cref="LogConflictException">Somebody else wrote; the state was dropped.</exception>
    public async Task Skip()
    {
        var state = await Loaded();
        if (_tailMayBeLost)
        {
            _highest = new NotificationId(state.Epoch, state.Head + MaxLost(state));
            Invalidate(marksToo: false);
            state = await Loaded();
        }
        if (state.Head > _logHead)
        {
            try
            {
                await Services.Log.Skip(Key, state.Epoch, _logHead, state.Head);
            }
            catch (LogConflictException)
            {
                Invalidate(marksToo: true);
                throw;
            }
            if (!_tailMayBeLost) LogLost(Services.Logger, Services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, Key, state.HeadId, _logHead);
            _logHead = state.Head;
        }
        (_knownEpoch, _tailMayBeLost) = (state.Epoch, false);
    }

    /// <summary>The id is of a notification that storage lost.</summary>
    public bool IsLost(NotificationId id) => State?.Epoch == id.Epoch && _skipped.Contains(id.Seq) && _skipped.Contains(id.Seq + 1);

    /// <summary>How many notifications may have been lost: as many as one inbox could have taken since its newest. That bounds what a client can claim, too.</summary>
    private long MaxLost(InboxState state)
    {
        const long atOnce = 100_000, perMillisecond = 10;
        var since = Math.Max(LastCreatedAt.ToUnixTimeMilliseconds(), state.Epoch);
        return atOnce + perMillisecond * Math.Max(0, Services.Time.GetUtcNow().ToUnixTimeMilliseconds() - since);
    }

    /// <summary>One more than what was seen, when that is above the log's: the head, whoever has it, is above the hole.</summary>
    private long HeadOf(LogPosition log)
    {
        var highest = log.Epoch == _highest.Epoch ? Math.Max(log.Head, _highest.Seq) : log.Head;
        var head = highest > log.Head ? highest + 1 : highest;
        (_highest, _logHead) = (new NotificationId(log.Epoch, highest), log.Head);
        _skipped = head > log.Head ? log.Skipped.Add(log.Head + 1, head) : log.Skipped;
        _tailMayBeLost = log.TailMayBeLost && log.Epoch != _knownEpoch;
        return head;
    }

    [LoggerMessage(Message = "Inbox {Inbox}: storage was set back, what came after {LogHead} is lost; ids go on above {Head}. (Further inboxes of the next seconds are logged as Debug.)")]
    private static partial void LogLost(ILogger logger, LogLevel level, string inbox, NotificationId head, long logHead);
}
