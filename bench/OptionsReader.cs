using System.Globalization;
using System.Text;

namespace OrleansInbox.Bench;

/// <summary>Reads the command line. Every mistake is reported, not just the first.</summary>
internal static class OptionsReader
{
    private static readonly string[] Texts = ["target", "ratio-to", "prefix", "page", "stream"];

    /// <returns>Options, or the mistakes.</returns>
    public static (Options? Options, IReadOnlyList<string> Mistakes) Read(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || !Enum.TryParse<Verb>(args[0], ignoreCase: true, out var verb) || !char.IsLetter(args[0][0]))
            return (null, [$"the first argument is the verb: {string.Join(", ", Verbs())}{(args.Count == 0 ? "" : $"; not '{args[0]}'")}"]);
        var mistakes = new List<string>();
        var given = Pairs(args, verb, mistakes);
        double Number(string name) => NumberOf(name, verb, given, mistakes);
        TimeSpan Time(string name) => TimeSpan.FromSeconds(Number(name));
        string? Text(string name) => given.GetValueOrDefault(name)?[^1];
        var streams = (int)Number("streams");
        var options = new Options
        {
            Verb = verb,
            Targets = Targets(given, verb, mistakes),
            RatioTo = Text("ratio-to"),
            Prefix = Text("prefix") ?? "bench",
            Stream = Text("stream") ?? "inbox-in:{default}:0",
            Pages = Pages(Text("page"), mistakes),
            Connections = (int)Number("connections"),
            Users = given.ContainsKey("users") || verb != Verb.Fanout ? (int)Number("users") : streams,
            Streams = streams,
            Rate = (int)Number("rate"),
            Entries = (int)Number("entries"),
            Batch = Math.Max(1, (int)Number("batch")),
            Limit = (int)Number("limit"),
            Count = (long)Number("count"),
            Rounds = (int)Number("rounds"),
            Threads = (int)Number("threads"),
            Seconds = Time("seconds"),
            Warmup = Time("warmup"),
            Settle = Time("settle"),
            Drain = Time("drain"),
            Timeout = Time("timeout"),
        };
        if (options.RatioTo is { } to && options.Targets.All(t => t.Name != to)) mistakes.Add($"--ratio-to {to}: no target has that name");
        if (options.Prefix.Length is 0 or > 64 || !options.Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            mistakes.Add("--prefix: 1 to 64 of A-Z a-z 0-9 -");
        return mistakes.Count == 0 ? (options, []) : (null, mistakes);
    }

    public static string Help()
    {
        var text = new StringBuilder("""
            Load tool for inbox servers. One JSON line per target on stdout, progress on stderr.

              bench <verb> --target NAME=URL[,auth=HEADER][,pids=1,2][,redis=HOST:PORT] [--target …] [options]

              publish      closed loop: each connection publishes as soon as it has its answer
              fanout       live streams under an open-loop publish rate: delivery latency, lost, doubled, misordered
              list         the first and a deep page of inboxes that keep --entries notifications
              connections  server memory per idle live stream (needs pids)
              idle         CPU of a warm server that nobody asks anything (needs pids)
              scan         lists one inbox by a type that it does not have: how others fare, and what the server does afterwards (needs pids)
              soak         mixed load for half an hour: errors, and memory and open files each minute (needs pids)
              ingest       writes --entries to the Redis Stream that the server reads, and waits until it is empty (needs redis)
              topics       publishes to a topic with --users subscribers, and waits until its job is done

              --target     a server: name, http URL, the Authorization header (auth=@FILE reads it from a file),
                           and the roots of its process trees (storage too), for CPU and memory; redis=HOST:PORT where its stream is
              --ratio-to   also print each target's figure divided by that of this target
              --prefix     begin of the user names (bench)
              --page       list: first, deep or both (both)
              --stream     ingest: its name (inbox-in:{default}:0)

            """);
        foreach (var setting in Setting.All)
        {
            var defaults = Enum.GetValues<Verb>().Where(v => setting.DefaultOf(v) is not null)
                .Select(v => string.Create(CultureInfo.InvariantCulture, $"{Lower(v)} {(setting.DefaultOf(v) == 0 && setting.Min > 0 ? "–" : setting.DefaultOf(v))}"));
            text.Append(CultureInfo.InvariantCulture, $"\n  --{setting.Name,-12} {setting.Help} ({string.Join(", ", defaults)})");
        }
        return text.Append("\n\nExit code: 0, 1 = errors in a round, 2 = wrong arguments, 130 = interrupted.").ToString();
    }

    public static string Lower(Verb verb) => verb.ToString().ToLowerInvariant();

    private static IEnumerable<string> Verbs() => Enum.GetValues<Verb>().Select(Lower);

    private static Dictionary<string, List<string>> Pairs(IReadOnlyList<string> args, Verb verb, List<string> mistakes)
    {
        var given = new Dictionary<string, List<string>>();
        for (var i = 1; i < args.Count; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            var setting = Array.Find(Setting.All, s => s.Name == name);
            if (setting is null && !Texts.Contains(name)) { mistakes.Add($"{args[i]}: no such option (see --help)"); continue; }
            if (setting is not null && setting.DefaultOf(verb) is null || name == "page" && verb != Verb.List || name == "stream" && verb != Verb.Ingest) mistakes.Add($"--{name} means nothing to {Lower(verb)}");
            if (i + 1 == args.Count || args[i + 1].StartsWith("--", StringComparison.Ordinal)) { mistakes.Add($"--{name} needs a value"); continue; }
            if (!given.TryGetValue(name, out var values)) given[name] = values = [];
            values.Add(args[++i]);
            if (values.Count == 2 && name != "target") mistakes.Add($"--{name} is given twice");
        }
        return given;
    }

    private static double NumberOf(string name, Verb verb, Dictionary<string, List<string>> given, List<string> mistakes)
    {
        var setting = Array.Find(Setting.All, s => s.Name == name)!;
        if (!given.TryGetValue(name, out var values)) return setting.DefaultOf(verb) ?? 0;
        if (double.TryParse(values[^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= setting.Min && number <= setting.Max) return number;
        mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"--{name} {values[^1]}: a number from {setting.Min} to {setting.Max}"));
        return setting.Min;
    }

    private static List<Target> Targets(Dictionary<string, List<string>> given, Verb verb, List<string> mistakes)
    {
        var targets = new List<Target>();
        foreach (var text in given.GetValueOrDefault("target") ?? [])
        {
            if (Target.Parse(text, out var mistake) is not { } target) { mistakes.Add($"--target: {mistake}"); continue; }
            if (targets.Any(t => t.Name == target.Name)) mistakes.Add($"--target: two targets are called {target.Name}");
            if (verb is Verb.Connections or Verb.Idle or Verb.Scan or Verb.Soak && target.Pids.Count == 0) mistakes.Add($"--target {target.Name}: {Lower(verb)} looks at processes, so it needs pids=…");
            if (verb == Verb.Ingest && target.Redis is null) mistakes.Add($"--target {target.Name}: ingest writes to the server's Redis, so it needs redis=HOST:PORT");
            targets.Add(target);
        }
        if (!given.ContainsKey("target")) mistakes.Add("--target NAME=URL is missing");
        return targets;
    }

    private static string[] Pages(string? text, List<string> mistakes)
    {
        if (text is "first" or "deep") return [text];
        if (text is not (null or "both")) mistakes.Add($"--page {text}: first, deep or both");
        return ["first", "deep"];
    }
}
