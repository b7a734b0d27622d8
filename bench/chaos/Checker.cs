namespace OrleansInbox.Chaos;

/// <summary>Proves a history, or finds what is wrong with it. It believes nobody: answers, streams, pages and the log have to tell the same story.</summary>
internal static partial class Checker
{
    /// <param name="mayLeaveOut">A replica that takes over may lack what nobody was answered, and its ids are left out, however few.</param>
    public static Verdict Check(IEnumerable<Happening> history, bool mayLeaveOut = false)
    {
        var all = history.ToList();
        var verdict = new Verdict();
        var acknowledged = all.OfType<Acknowledged>().ToLookup(a => a.User);
        var unanswered = all.OfType<Unanswered>().ToLookup(u => u.User);
        var marks = all.OfType<Marked>().ToLookup(m => m.User);
        var stored = all.OfType<Stored>().ToDictionary(s => s.User);
        var finals = all.OfType<Final>().ToDictionary(f => f.User);
        foreach (var user in acknowledged.Select(a => a.Key).Where(user => !finals.ContainsKey(user))) verdict.WasLost($"the whole inbox of {user}");
        string[] toAll = [.. all.OfType<ToAll>().Select(one => one.Title)];
        foreach (var (user, final) in finals)
        {
            var deleted = Deleted(marks[user]);
            deleted.UnionWith(Replaced(acknowledged[user]));
            List<Happening> waited = [.. all.Where(h => UserOfWaiting(h) == user)];
            deleted.UnionWith(waited.OfType<Snoozed>().Select(s => s.Id));
            CheckPages(verdict, final, deleted, mayLeaveOut);
            CheckWaiting(verdict, final, waited);
            CheckPublishes(verdict, final, deleted, [.. acknowledged[user]], [.. unanswered[user].Select(u => u.Title), .. waited.Select(TitleOfWaiting), .. toAll]);
            foreach (var missing in toAll.Except(final.Entries.Select(e => e.Title))) verdict.WasLost($"{user} '{missing}' was for all");
            CheckMarks(verdict, final, marks[user]);
            if (stored.TryGetValue(user, out var log)) CheckLog(verdict, final, log);
        }
        foreach (var reader in all.Where(h => h is Opened or Delivered or Seen or View).GroupBy(ReaderOf))
            ReaderCheck.Check(verdict, reader.Key, [.. reader], finals);
        CheckTold(verdict, all);
        foreach (var refused in all.OfType<Refused>()) verdict.IsWrong(refused.What);
        verdict.Acknowledged = all.OfType<Acknowledged>().Count();
        verdict.Delivered = all.OfType<Delivered>().Count();
        return verdict;

        // Who has a collapse key is answered in the end, so that all are known.
        IEnumerable<string> Replaced(IEnumerable<Acknowledged> ofUser) => ofUser.Where(a => a.CollapseKey is not null).GroupBy(a => a.CollapseKey)
            .SelectMany(ofKey => ofKey.Select(a => a.Id).Distinct().OrderBy(id => Place.Of(id).Seq).SkipLast(1));

        HashSet<string> Deleted(IEnumerable<Marked> ofUser) => [.. ofUser.Where(m => m.Action == "delete").SelectMany(m => m.Ids)];
    }

    private static string ReaderOf(Happening happening) => happening switch
    {
        Opened opened => opened.Reader,
        Delivered delivered => delivered.Reader,
        Seen seen => seen.Reader,
        View view => view.Reader,
        _ => "",
    };
}
