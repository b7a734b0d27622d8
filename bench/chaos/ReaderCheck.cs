namespace OrleansInbox.Chaos;

/// <summary>What one reader saw over all its connections: everything since its first one, each once, in order, up to the end.</summary>
internal static class ReaderCheck
{
    public static void Check(Verdict verdict, string reader, IReadOnlyList<Happening> seen, IReadOnlyDictionary<string, Final> finals)
    {
        var user = seen[0] switch { Opened o => o.User, Delivered d => d.User, Seen s => s.User, View v => v.User, _ => "" };
        if (!finals.TryGetValue(user, out var final)) return;
        var titles = final.Entries.ToDictionary(e => Place.Of(e.Id).Seq, e => e.Title);
        long? last = seen.OfType<Opened>().FirstOrDefault()?.After is { } after ? Place.SeqOf(after) : null;
        foreach (var happening in seen)
        {
            if (happening is Seen { Event: "ready", Id: { } head })
            {
                var at = Place.SeqOf(head);
                if (last is { } before) Skipped(before, at, "before ready");
                last = Math.Max(last ?? at, at);
            }
            if (happening is not Delivered delivered) continue;
            var place = Place.Of(delivered.Id).Seq;
            if (titles.TryGetValue(place, out var title) && title != delivered.Title) verdict.IsWrong($"{reader} {delivered.Id} came as '{delivered.Title}' and is '{title}'");
            if (last is not { } previous) verdict.IsWrong($"{reader} {delivered.Id} came before ready");
            else if (place == previous) verdict.WasDoubled($"{reader} {delivered.Id}");
            else if (place < previous) verdict.WasMisordered($"{reader} {delivered.Id} after seq {previous}");
            else Skipped(previous, place - 1, $"before {delivered.Id}");
            last = Math.Max(last ?? place, place);
        }
        if (last is { } end) Skipped(end, Place.SeqOf(final.Counts.Head), "at the end");
        foreach (var view in seen.OfType<View>())
            if (view.Counts is null || view.Counts != final.Counts) verdict.IsWrong($"{reader} holds {view.Counts?.ToString() ?? "nothing"} for {final.Counts}");

        // What was deleted need not have been seen.
        void Skipped(long from, long to, string where)
        {
            for (var seq = from + 1; seq <= to; seq++)
                if (titles.ContainsKey(seq)) verdict.WasLost($"{reader} {where}: seq {seq}");
        }
    }
}
