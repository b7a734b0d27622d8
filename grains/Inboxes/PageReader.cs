using System.Buffers;

namespace OrleansInbox.Inboxes;

/// <summary>Lists and single items: flags from the state, JSON from memory for the newest and from the log for older ones.</summary>
internal sealed class PageReader(InboxSession inbox)
{
    /// <summary>With a filter on content, entries are read in steps of this.</summary>
    private const int _scanStep = 200;

    private InboxPage? _firstPage;
    private InboxState? _firstPageState;

    private Task<InboxCounts>? _counts;
    private InboxState? _countsState;
    private string[] _countsTypes = [];

    public async ValueTask<InboxPage> List(InboxState state, ListQuery query)
    {
        // The state is immutable: the same object is the same view.
        var first = query == ListQuery.First;
        if (first && ReferenceEquals(state, _firstPageState)) return _firstPage!;
        var newestFirst = query.After is null;
        var (from, to) = Window(state, query);
        var found = await Find(state, query, from, to, newestFirst);
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

    /// <summary>The counts of some types: the last answer, or what is kept is read, once for all who ask meanwhile.</summary>
    public Task<InboxCounts> CountsOf(InboxState state, string[] types)
    {
        if (_counts is { IsFaulted: false } && ReferenceEquals(state, _countsState) && types.AsSpan().SequenceEqual(_countsTypes)) return _counts;
        (_countsState, _countsTypes) = (state, types);
        return _counts = Count();

        async Task<InboxCounts> Count() => state.CountsOf(await Seqs(state, StatusFilter.All, state.Head, types, group: null));
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
        foreach (var range in state.Matching(StatusFilter.All, Math.Max(seq + 1, state.Floor), state.Head, newestFirst: false))
        {
            found.AddRange(await Read(state, range.From, range.To, max - found.Count, newestFirst: false));
            if (found.Count >= max) break;
        }
        return found;
    }

    /// <summary>The seqs that a mark by group or by types means.</summary>
    public ValueTask<List<long>> Meant(InboxState state, MarkRequest request)
    {
        var status = request.Action switch { MarkAction.Archive => StatusFilter.Inbox, MarkAction.Unarchive => StatusFilter.Archived, _ => StatusFilter.All };
        return Seqs(state, status, request.UpTo?.Seq ?? state.Head, request.Types, request.Group);
    }

    /// <summary>Reads entries one step after the other, and keeps of them the seqs alone.</summary>
    private async ValueTask<List<long>> Seqs(InboxState state, StatusFilter status, long to, string[]? types, string? group)
    {
        var seqs = new List<long>();
        foreach (var step in Steps(state.Matching(status, state.Floor, to, newestFirst: false), _scanStep, newestFirst: false))
            foreach (var entry in await Read(state, step, newestFirst: false))
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
    private async ValueTask<List<StoredEntry>> Find(InboxState state, ListQuery query, long from, long to, bool newestFirst)
    {
        var wanted = query.Limit + 1;
        var byContent = query.Types is not null || query.Group is not null;
        var found = new List<StoredEntry>(byContent ? 4 : Math.Min(wanted, (int)Math.Min(int.MaxValue, Math.Max(0, to - from + 1))));
        if (from > to) return found;
        foreach (var step in Steps(state.Matching(query.Status, from, to, newestFirst), byContent ? _scanStep : wanted, newestFirst))
        {
            foreach (var entry in await Read(state, step, newestFirst))
            {
                if (byContent && !NotificationJson.Matches(entry.Json, query.Types, query.Group)) continue;
                found.Add(entry);
                if (found.Count >= wanted) return found;
            }
        }
        return found;
    }

    /// <summary>Cuts ranges into steps of at most so many seqs each, which are read at once.</summary>
    private static IEnumerable<List<SeqRange>> Steps(IEnumerable<SeqRange> ranges, int size, bool newestFirst)
    {
        var step = new List<SeqRange>();
        long left = size;
        foreach (var range in ranges)
        {
            var (from, to) = (range.From, range.To);
            while (from <= to)
            {
                var count = Math.Min(left, to - from + 1);
                step.Add(newestFirst ? new SeqRange(to - count + 1, to) : new SeqRange(from, from + count - 1));
                if (newestFirst) to -= count;
                else from += count;
                if ((left -= count) > 0) continue;
                yield return step;
                step = [];
                left = size;
            }
        }
        if (step.Count > 0) yield return step;
    }

    private async Task<IEnumerable<StoredEntry>> Read(InboxState state, List<SeqRange> step, bool newestFirst) =>
        (await Task.WhenAll(step.Select(range => Read(state, range.From, range.To, int.MaxValue, newestFirst).AsTask()))).SelectMany(entries => entries);

    private async ValueTask<List<StoredEntry>> Read(InboxState state, long from, long to, int max, bool newestFirst)
    {
        var recent = inbox.Recent;
        if (!recent.IsLoaded && to > state.Head - RecentEntries.MaxCount && ReferenceEquals(state, inbox.State)) await LoadRecent(state);
        if (recent.IsLoaded && from >= recent.From) return recent.Within(from, to, max, newestFirst);
        var entries = await inbox.Services.Log.Read(inbox.Key, state.Epoch, from, to, (int)Math.Min(max, to - from + 1), newestFirst);
        var found = new List<StoredEntry>(entries.Count);
        foreach (var entry in entries) found.Add(new StoredEntry(entry.Seq, entry.Json));
        return found;
    }

    private async Task LoadRecent(InboxState state)
    {
        var from = Math.Max(state.Floor, state.Head - RecentEntries.MaxCount + 1);
        var entries = from > state.Head ? [] : await inbox.Services.Log.Read(inbox.Key, state.Epoch, from, state.Head, RecentEntries.MaxCount, newestFirst: false);
        // Appends may have come meanwhile: what was read is complete only while the head stands where it was.
        if (inbox.State is { } now && now.Epoch == state.Epoch && now.Head == state.Head)
            inbox.Recent.Load(from, state.Head, entries.Select(e => new StoredEntry(e.Seq, e.Json)));
    }

    private static byte[] Render(InboxState state, List<StoredEntry> entries, NotificationId? next)
    {
        var buffer = EventJson.Buffer();
        buffer.Write("{\"items\":["u8);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            var seq = entries[i].Seq;
            NotificationJson.WriteItem(buffer, new(state.Epoch, seq), entries[i].Json, state.IsRead(seq), state.IsSeen(seq), state.IsArchived(seq));
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
