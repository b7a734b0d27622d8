namespace OrleansInbox.Chaos;

internal static partial class Checker
{
    /// <summary>Of two clocks of one machine.</summary>
    private const double _tolerance = 0.1;

    /// <summary>What waited comes once, and what was cancelled never.</summary>
    private static void CheckWaiting(Verdict verdict, Final final, IReadOnlyCollection<Happening> waited)
    {
        var byTitle = final.Entries.ToLookup(e => e.Title);
        var cancelled = waited.OfType<Cancelled>().Select(c => c.Title).ToHashSet();
        foreach (var scheduled in waited.OfType<Scheduled>())
        {
            var there = byTitle[scheduled.Title].Any();
            if (there && cancelled.Contains(scheduled.Title)) verdict.IsWrong($"{final.User} '{scheduled.Title}' was cancelled, and has come");
            else if (!there && !cancelled.Contains(scheduled.Title)) verdict.WasLost($"{final.User} '{scheduled.Title}' was scheduled");
        }
        foreach (var came in waited.OfType<Came>())
            if (byTitle[came.Title].FirstOrDefault()?.Id is { } id && id != came.Id) verdict.IsWrong($"{final.User} '{came.Title}' was said to be {came.Id} and is {id}");
        foreach (var snoozed in waited.OfType<Snoozed>())
            if (!byTitle[snoozed.Title].Any(e => e.Id != snoozed.Id)) verdict.WasLost($"{final.User} '{snoozed.Title}' was snoozed, and has not come back");
    }

    /// <summary>An endpoint is told of each that was not seen in time, once, and of none that was seen before.</summary>
    private static void CheckTold(Verdict verdict, IReadOnlyCollection<Happening> all)
    {
        var seen = all.OfType<SeenUpTo>().ToLookup(s => s.User);
        var told = all.OfType<Told>().SelectMany(t => t.Ids.Select(id => (t.User, Id: id, t.Event, t.At))).ToLookup(t => (t.User, t.Id));
        foreach (var one in all.OfType<ToBeTold>())
        {
            var events = told[(one.User, one.Id)].ToList();
            var seenAt = seen[one.User].Where(s => Place.SeqOf(s.Id) >= Place.SeqOf(one.Id)).Select(s => s.At).DefaultIfEmpty(double.MaxValue).Min();
            if (events.Count == 0 && seenAt == double.MaxValue) verdict.WasLost($"{one.User} {one.Id} was never seen, and nobody was told");
            if (events.Select(e => e.Event).Distinct().Count() > 1) verdict.WasDoubled($"{one.User} {one.Id} was told in {string.Join(", ", events.Select(e => e.Event).Distinct())}");
            foreach (var late in events.Where(e => e.At > seenAt + _tolerance)) verdict.IsWrong($"{one.User} {one.Id} was told {late.At - seenAt:0.000} s after it was seen");
        }
    }

    private static string? UserOfWaiting(Happening happening) => happening switch
    {
        Scheduled scheduled => scheduled.User,
        Cancelled cancelled => cancelled.User,
        Came came => came.User,
        Snoozed snoozed => snoozed.User,
        _ => null,
    };

    private static string TitleOfWaiting(Happening happening) => happening switch
    {
        Scheduled scheduled => scheduled.Title,
        Snoozed snoozed => snoozed.Title,
        _ => "",
    };
}
