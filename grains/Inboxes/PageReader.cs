using System.Buffers;

namespace OrleansInbox.Inboxes;

/// <summary>Lists and single items: flags from the state, JSON from memory for the newest and from the log for older ones.</summary>
internal sealed class PageReader(InboxSession inbox, LostEntries lost)
{
    private const int _maxAttempts = 3;

    private readonly ScanQueue _scans = new(inbox.Services);
    private int _losses;

    private InboxPage? _firstPage;
    private InboxState? _firstPageState;

    private InboxCounts? _counts;
    private InboxState? _countsState;
    private string[] _countsTypes = [];

    /// <param name="state">As of now.</param>
    /// <param name="query">With a filter on content it waits for its turn, and is answered from the state of then.</param>
    /// <param name="cancelled">Nobody waits for the page any more.</param>
    public ValueTask<InboxPage> List(InboxState state, ListQuery query, CancellationToken cancelled) => query.IsByContent
        ? new(_scans.Run(async ends => await Page(await inbox.Loaded(), query, ends), cancelled))
        : Page(state, query, CancellationToken.None);

    private async ValueTask<InboxPage> Page(InboxState state, ListQuery query, CancellationToken cancelled)
    {
        // The state is immutable: the same object is the same view.
        var first = query == ListQuery.First;
        if (first && ReferenceEquals(state, _firstPageState)) return _firstPage!;
        var newestFirst = query.After is null;
        List<StoredEntry> found;
        for (var attempt = 1; ; attempt++)
        {
            var losses = _losses;
            var (from, to) = Window(state, query);
            found = await Find(state, query, from, to, newestFirst, cancelled);
            if (losses == _losses || attempt == _maxAttempts) break;
            state = await inbox.Loaded(); // its counts are those of what was found
        }
        var more = found.Count > query.Limit;
        if (more) found.RemoveAt(query.Limit);
        NotificationId? next = more ? new NotificationId(state.Epoch, found[^1].Seq) : null;
        if (!newestFirst) found.Reverse();
        var page = new InboxPage { Json = Render(state, found, next), Items = found.Count, Next = next };
        if (first) (_firstPage, _firstPageState) = (page, state);
        return page;
    }

    /// <summary>Drops the rendered page and the counts, when the activation has better use for the memory.</summary>
    public void Clear() => (_firstPage, _firstPageState, _counts, _countsState) = (null, null, null, null);

    /// <summary>The counts of some types: the last answer, or what is kept is read. Who waits for another to do so finds its answer.</summary>
    public async ValueTask<InboxCounts> CountsOf(InboxState state, string[] types, CancellationToken cancelled)
    {
        if (Known(state) is { } known) return known;
        return await _scans.Run(async ends =>
        {
            var now = await inbox.Loaded();
            if (Known(now) is { } counted) return counted;
            var counts = now.CountsOf(await Seqs(now, StatusFilter.All, now.Head, types, group: null, ends));
            (_counts, _countsState, _countsTypes) = (counts, now, types);
            return counts;
        }, cancelled);

        InboxCounts? Known(InboxState now) => ReferenceEquals(now, _countsState) && types.AsSpan().SequenceEqual(_countsTypes) ? _counts : null;
    }

    /// <returns>The stored JSON; null when it is not there.</returns>
    public async ValueTask<byte[]?> Get(InboxState state, long seq)
    {
        if (!state.IsKept(seq)) return null;
        var found = await Read(state, seq, seq, 1, newestFirst: true);
        return found.Count == 1 ? found[0].Json : null;
    }

    /// <summary>Entries above a place, oldest first.</summary>
    public async ValueTask<List<StoredEntry>> After(InboxState state, long seq, int max)
    {
        var found = new List<StoredEntry>();
        foreach (var stretch in Stretches.Of(state.Matching(StatusFilter.All, seq + 1, state.Head, newestFirst: false), max, newestFirst: false))
        {
            foreach (var entry in await Read(state, stretch, StatusFilter.All, newestFirst: false)) found.Add(entry);
            if (found.Count >= max) break;
        }
        if (found.Count > max) found.RemoveRange(max, found.Count - max);
        return found;
    }

    /// <summary>A mark by group or by types: reads what it means and makes it, before the next one does.</summary>
    /// <param name="request">Which notifications.</param>
    /// <param name="make">Makes the mark of these seqs of this state.</param>
    /// <param name="cancelled">Nobody waits for it any more.</param>
    public Task<T> Mark<T>(MarkRequest request, Func<InboxState, IReadOnlyList<long>, Task<T>> make, CancellationToken cancelled) => _scans.Run(async ends =>
    {
        var state = await inbox.Loaded();
        var status = request.Action switch { MarkAction.Archive => StatusFilter.Inbox, MarkAction.Unarchive => StatusFilter.Archived, _ => StatusFilter.All };
        var to = request.UpTo is not { } upTo ? state.Head : upTo.Epoch == state.Epoch ? upTo.Seq : 0;
        return await make(state, await Seqs(state, status, to, request.Types, request.Group, ends));
    }, cancelled);

    /// <summary>Reads entries one stretch after the other, and keeps of them the seqs alone.</summary>
    private async ValueTask<List<long>> Seqs(InboxState state, StatusFilter status, long to, string[]? types, string? group, CancellationToken cancelled)
    {
        var seqs = new List<long>();
        foreach (var stretch in Stretches.Of(state.Matching(status, state.Floor, to, newestFirst: false), Stretches.MaxLength, newestFirst: false))
            foreach (var entry in await Scan(state, stretch, status, newestFirst: false, cancelled))
                if (NotificationJson.Matches(entry.Json, types, group)) seqs.Add(entry.Seq);
        return seqs;
    }

    private static (long From, long To) Window(InboxState state, ListQuery query)
    {
        var (from, to) = (state.Floor, state.Head);
        if (query.Before is { } before)
            to = before.Epoch == state.Epoch ? Math.Min(to, before.Seq - 1) : before.Epoch < state.Epoch ? 0 : to;
        if (query.After is { } after)
            from = after.Epoch == state.Epoch ? Math.Max(from, after.Seq + 1) : after.Epoch > state.Epoch ? to + 1 : from;
        return (from, to);
    }

    /// <returns>One more than the limit when there are more.</returns>
    private async ValueTask<List<StoredEntry>> Find(InboxState state, ListQuery query, long from, long to, bool newestFirst, CancellationToken cancelled)
    {
        var wanted = query.Limit + 1;
        var found = new List<StoredEntry>(query.IsByContent ? 4 : Math.Min(wanted, (int)Math.Min(int.MaxValue, Math.Max(0, to - from + 1))));
        if (from > to) return found;
        foreach (var stretch in Stretches.Of(state.Matching(query.Status, from, to, newestFirst), query.IsByContent ? Stretches.MaxLength : wanted, newestFirst))
        {
            var entries = query.IsByContent ? await Scan(state, stretch, query.Status, newestFirst, cancelled) : await Read(state, stretch, query.Status, newestFirst);
            foreach (var entry in entries)
            {
                if (query.IsByContent && !NotificationJson.Matches(entry.Json, query.Types, query.Group)) continue;
                if (query.Search is { } text && !SearchText.IsIn(entry.Json, text)) continue;
                found.Add(entry);
                if (found.Count >= wanted) return found;
            }
        }
        return found;
    }

    /// <summary>A step of a scan: few are read at the same time, of all inboxes here, so that other reads find storage free.</summary>
    private async ValueTask<IEnumerable<StoredEntry>> Scan(InboxState state, SeqRange stretch, StatusFilter status, bool newestFirst, CancellationToken cancelled)
    {
        await inbox.Services.ScanSteps.WaitAsync(cancelled);
        try
        {
            return await Read(state, stretch, status, newestFirst);
        }
        finally
        {
            inbox.Services.ScanSteps.Release();
        }
    }

    private async ValueTask<IEnumerable<StoredEntry>> Read(InboxState state, SeqRange stretch, StatusFilter status, bool newestFirst) =>
        (await Read(state, stretch.From, stretch.To, int.MaxValue, newestFirst)).Where(entry => state.Has(status, entry.Seq));

    private async ValueTask<List<StoredEntry>> Read(InboxState state, long from, long to, int max, bool newestFirst)
    {
        var recent = inbox.Recent;
        if (!recent.IsLoaded && from >= NewestFrom(state) && ReferenceEquals(state, inbox.State)) await LoadRecent(state);
        var found = recent.IsLoaded && from >= recent.From ? recent.Within(from, to, max, newestFirst) : await FromLog(state, from, to, max, newestFirst);
        if (found.Count < Math.Min(max, to - from + 1)) await LookForLost(state, from, to, found);
        return found;
    }

    private async ValueTask<List<StoredEntry>> FromLog(InboxState state, long from, long to, int max, bool newestFirst)
    {
        var entries = await inbox.Services.Log.Read(inbox.Key, state.Epoch, from, to, (int)Math.Min(max, to - from + 1), newestFirst);
        var found = new List<StoredEntry>(entries.Count);
        foreach (var entry in entries) found.Add(new StoredEntry(entry.Seq, entry.Json));
        return found;
    }

    /// <summary>A removed entry is marked before it leaves the log: what is missing, and not marked by now, was lost.</summary>
    private async ValueTask LookForLost(InboxState state, long from, long to, List<StoredEntry> found)
    {
        if (inbox.State is not { } now || now.Epoch != state.Epoch) return;
        (from, to) = (Math.Max(from, now.Floor), Math.Min(to, now.Head));
        if (from > to || found.Count(entry => entry.Seq >= from && now.IsKept(entry.Seq)) >= now.CountKept(from, to)) return;
        if (await lost.Mark(now.Epoch, from, to)) _losses++;
    }

    private async Task LoadRecent(InboxState state)
    {
        var from = NewestFrom(state);
        var entries = from > state.Head ? [] : await inbox.Services.Log.Read(inbox.Key, state.Epoch, from, state.Head, RecentEntries.MaxCount, newestFirst: false);
        // Appends may have come meanwhile: what was read is complete only while the head stands where it was.
        if (inbox.State is { } now && now.Epoch == state.Epoch && now.Head == state.Head)
            inbox.Recent.Load(from, state.Head, entries.Select(e => new StoredEntry(e.Seq, e.Json)));
    }

    private static long NewestFrom(InboxState state) => Math.Max(state.Floor, state.Head - RecentEntries.MaxCount + 1);

    private static byte[] Render(InboxState state, List<StoredEntry> entries, NotificationId? next)
    {
        var buffer = EventJson.Buffer();
        buffer.Write("{\"items\":["u8);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            var seq = entries[i].Seq;
            NotificationJson.WriteItem(buffer, new(state.Epoch, seq), entries[i].Json, state.FlagsOf(seq));
        }
        buffer.Write("],\"next\":"u8);
        if (next is { } id) NotificationJson.WriteId(buffer, id);
        else buffer.Write("null"u8);
        buffer.Write(",\"counts\":"u8);
        NotificationJson.WriteCounts(buffer, state.Counts);
        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
