using System.Globalization;

namespace OrleansInbox.Chaos;

/// <summary>How long it took, from the same history.</summary>
internal static class Figures
{
    /// <summary>What was sent this soon after a kill tells when the inbox was live again.</summary>
    private const double _soon = 0.5;

    /// <summary>How long after a kill its effects are looked for.</summary>
    private const double _effect = 4;

    public static IEnumerable<string> Lines(IEnumerable<Happening> history, double quietFrom, double quietUntil)
    {
        var all = history.ToList();
        var deeds = all.OfType<Deed>().ToList();
        var publishes = all.OfType<Acknowledged>().ToList();
        var kinds = deeds.Where(d => d.Kind is not (Deed.Ready or "start")).GroupBy(d => d.Kind).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count()}");
        yield return $"deeds: {string.Join(", ", kinds)}";
        yield return $"longest publish stall {Text(publishes.Select(p => p.At - p.Sent).DefaultIfEmpty().Max())} s; unanswered publishes without a key {all.OfType<Unanswered>().Count()}; resets {all.OfType<Seen>().Count(s => s.Event == "reset")}";

        var sent = publishes.ToDictionary(p => p.Title, p => p.Sent);
        var delivered = all.OfType<Delivered>().Where(d => sent.ContainsKey(d.Title)).ToLookup(d => d.Title);
        foreach (var kind in deeds.Where(d => d.Kind.Contains(' ', StringComparison.Ordinal) && !d.Kind.StartsWith("does", StringComparison.Ordinal) && IsAlone(d, deeds)).GroupBy(d => d.Kind).OrderBy(g => g.Key))
        {
            var worst = new List<double>();
            var every = new List<double>();
            foreach (var deed in kind)
            {
                var back = publishes.Where(p => p.Sent >= deed.At && p.Sent < deed.At + _soon)
                    .SelectMany(p => delivered[p.Title].Where(d => !IsRestless(d.Reader))).Select(d => d.At - deed.At).ToList();
                if (back.Count == 0) continue;
                worst.Add(back.Max());
                every.AddRange(back);
            }
            yield return $"after {kind.Key}: live again at every reader, median {Text(At(worst, 0.5))} s, max {Text(At(worst, 1))} s; at half of the readers {Text(At(every, 0.5))} s";
        }

        var quiet = publishes.Where(p => p.Sent >= quietFrom && p.Sent < quietUntil).Select(p => p.At - p.Sent).ToList();
        yield return $"publish p50/p99: quiet {Ms(quiet, 0.5)}/{Ms(quiet, 0.99)} ms ({quiet.Count})";
        foreach (var kind in new[] { "kill silo", "term silo", "freeze silo" })
        {
            var elsewhere = Elsewhere(all, publishes, deeds, kind).ToList();
            yield return $"publish p50/p99 within {_effect} s after {kind}, inboxes that did not live there: {Ms(elsewhere, 0.5)}/{Ms(elsewhere, 0.99)} ms ({elsewhere.Count})";
        }
    }

    /// <summary>Publishes within the seconds after what was done to a silo, to inboxes whose activation went on through them.</summary>
    private static IEnumerable<double> Elsewhere(List<Happening> all, List<Acknowledged> publishes, List<Deed> deeds, string kind)
    {
        var writers = all.OfType<Stored>().ToDictionary(s => s.User, s => s.Entries.ToDictionary(e => Place.Of(e.Id).Seq, e => e.Writer));
        foreach (var deed in deeds.Where(d => d.Kind == kind))
        {
            if (!IsAlone(deed, deeds)) continue;
            foreach (var user in publishes.GroupBy(p => p.User))
            {
                if (!writers.TryGetValue(user.Key, out var writer)) continue;
                string? Writer(Acknowledged? publish) => publish is null ? null : writer.GetValueOrDefault(Place.Of(publish.Id).Seq);
                var before = Writer(user.Where(p => p.At < deed.At).MaxBy(p => p.At));
                var after = Writer(user.Where(p => p.Sent > deed.At + _effect).MinBy(p => p.Sent));
                if (before is null || before != after) continue;
                foreach (var publish in user.Where(p => p.Sent >= deed.At && p.Sent < deed.At + _effect)) yield return publish.At - publish.Sent;
            }
        }
    }

    /// <summary>Whatever else is not well at that time has its own effects; a silo that is away for a while has none any more.</summary>
    private static bool IsAlone(Deed deed, List<Deed> deeds) => !deeds.Any(other => other != deed && other.Kind is not (Deed.Ready or "start" or "thaw")
        && other.At < deed.At + _effect
        && (other.Target.StartsWith("silo", StringComparison.Ordinal) ? other.At + _effect : WellAt(other, deeds)) > deed.At);

    private static double WellAt(Deed deed, List<Deed> deeds) =>
        deeds.Where(d => d.Kind == Deed.Ready && d.Target == deed.Target && d.At >= deed.At).Select(d => d.At + 1).DefaultIfEmpty(double.MaxValue).Min();

    private static bool IsRestless(string reader) => reader.StartsWith("restless", StringComparison.Ordinal);

    private static double At(List<double> values, double part)
    {
        if (values.Count == 0) return double.NaN;
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(values.Count * part))];
    }

    private static string Ms(List<double> values, double part) => Text(At(values, part) * 1000);

    private static string Text(double value) => value.ToString("0.0##", CultureInfo.InvariantCulture);
}
