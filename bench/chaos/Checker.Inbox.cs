namespace OrleansInbox.Chaos;

internal static partial class Checker
{
    /// <summary>An inbox leaves out no fewer seqs than this.</summary>
    private const long _skip = 100_000;

    /// <summary>One epoch, newest first, no holes but those that deletes made, no title twice, counts as the flags say.</summary>
    private static void CheckPages(Verdict verdict, Final final, HashSet<string> deleted, bool mayLeaveOut)
    {
        var gone = deleted.Select(id => Place.Of(id).Seq).ToHashSet();
        var places = final.Entries.Select(e => Place.Of(e.Id)).Reverse().ToList();
        for (var i = 1; i < places.Count; i++)
        {
            if (places[i].Epoch != places[0].Epoch) verdict.IsWrong($"{final.User} has two epochs");
            if (places[i].Seq == places[i - 1].Seq) verdict.WasDoubled($"{final.User} {places[i]} on two pages");
            else if (places[i].Seq < places[i - 1].Seq) verdict.WasMisordered($"{final.User} {places[i]} after {places[i - 1]}");
        }
        var last = 0L;
        foreach (var known in places.Select(p => p.Seq).Concat(gone).Append(Place.SeqOf(final.Counts.Head) + 1).Order())
        {
            // A longer stretch was left out when Redis had been restarted. Acknowledged ones that were in it are missed by CheckPublishes.
            for (var seq = last + 1; seq < known && known - last <= _skip && !mayLeaveOut; seq++) verdict.WasLost($"{final.User} seq {seq} is a hole");
            last = Math.Max(last, known);
        }
        foreach (var twice in final.Entries.GroupBy(e => e.Title).Where(g => g.Count() > 1)) verdict.WasDoubled($"{final.User} '{twice.Key}' as {string.Join(", ", twice.Select(e => e.Id))}");
        foreach (var back in final.Entries.Where(e => deleted.Contains(e.Id))) verdict.IsWrong($"{final.User} {back.Id} was deleted and is there");
        var unread = final.Entries.Count(e => !e.Read && !e.Archived);
        if (unread != final.Counts.Unread) verdict.IsWrong($"{final.User} counts {final.Counts.Unread} unread, and shows {unread}");
        if (final.Entries.Length != final.Counts.Total) verdict.IsWrong($"{final.User} counts {final.Counts.Total}, and shows {final.Entries.Length}");
    }

    private static void CheckPublishes(Verdict verdict, Final final, HashSet<string> deleted, Acknowledged[] acknowledged, string[] others)
    {
        var byTitle = final.Entries.ToLookup(e => e.Title);
        foreach (var publish in acknowledged)
        {
            if (byTitle[publish.Title].Any(e => e.Id == publish.Id)) continue;
            if (byTitle[publish.Title].FirstOrDefault() is { } elsewhere) verdict.IsWrong($"{publish.User} '{publish.Title}' was answered with {publish.Id} and is {elsewhere.Id}");
            else if (!deleted.Contains(publish.Id)) verdict.WasLost($"{publish.User} '{publish.Title}' was answered with {publish.Id}");
        }
        foreach (var twice in acknowledged.GroupBy(a => a.Id).Where(g => g.Count() > 1)) verdict.IsWrong($"{final.User} {twice.Key} was answered to {twice.Count()} publishes");
        var published = acknowledged.Select(a => a.Title).Concat(others).ToHashSet();
        foreach (var unknown in final.Entries.Where(e => !published.Contains(e.Title))) verdict.IsWrong($"{final.User} '{unknown.Title}' was never published");
    }

    /// <summary>Plays the answered marks again, in their order.</summary>
    private static void CheckMarks(Verdict verdict, Final final, IEnumerable<Marked> marks)
    {
        var (read, archived, acted) = (new HashSet<long>(), new HashSet<long>(), new Dictionary<long, string>());
        foreach (var mark in marks)
        {
            var isChoice = mark.Action is "yes" or "no";
            var set = isChoice || mark.Action is "read" or "unread" ? read : archived;
            var seqs = mark.UpTo ? Up(Place.Of(mark.Ids[0]).Seq) : mark.Ids.Select(id => Place.Of(id).Seq);
            if (isChoice) acted.TryAdd(Place.Of(mark.Ids[0]).Seq, mark.Action);
            if (isChoice || mark.Action is "read" or "archive") set.UnionWith(seqs);
            else if (mark.Action is "unread" or "unarchive") set.ExceptWith(seqs);
        }
        foreach (var entry in final.Entries)
        {
            var seq = Place.Of(entry.Id).Seq;
            if (entry.Read != read.Contains(seq)) verdict.IsWrong($"{final.User} {entry.Id} is {(entry.Read ? "read" : "unread")}, the marks say otherwise");
            if (entry.Acted != acted.GetValueOrDefault(seq)) verdict.IsWrong($"{final.User} {entry.Id} shows '{entry.Acted}' as its choice, the marks say '{acted.GetValueOrDefault(seq)}'");
            if (entry.Archived != archived.Contains(seq)) verdict.IsWrong($"{final.User} {entry.Id} is {(entry.Archived ? "" : "not ")}archived, the marks say otherwise");
        }

        static IEnumerable<long> Up(long to)
        {
            for (var seq = 1L; seq <= to; seq++) yield return seq;
        }
    }

    private static void CheckLog(Verdict verdict, Final final, Stored log)
    {
        var inLog = log.Entries.Select(e => e.Id).ToHashSet();
        foreach (var entry in final.Entries.Where(e => !inLog.Contains(e.Id))) verdict.WasLost($"{final.User} {entry.Id} is shown, and not in the log");
        if (log.Entries.Length > 0 && Place.SeqOf(log.Entries[^1].Id) > Place.SeqOf(final.Counts.Head)) verdict.IsWrong($"{final.User} shows {final.Counts.Head} as its head, the log holds {log.Entries[^1].Id}");
    }
}
