using System.Globalization;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>A peer as it was named on the command line: NAME=PEER[+NEED…].</summary>
internal sealed record PeerName(string Name, string Peer, IReadOnlyList<string> Needs);

/// <summary>What one comparison does. <c>bench/compare --help</c> is the reference.</summary>
internal sealed record ComparisonOptions
{
    public IReadOnlyList<PeerName> Peers { get; private init; } = [];

    /// <summary>The folder with peer.sh.</summary>
    public string PeersFolder { get; private init; } = "";

    /// <summary>The DLL of client-api.</summary>
    public string Server { get; private init; } = "";

    /// <summary>Where our servers keep their data and logs during the run.</summary>
    public string Data { get; private init; } = "";
    public string Images { get; private init; } = "";
    public string Out { get; private init; } = "";

    /// <summary>A run to print and draw again; nothing is measured.</summary>
    public string? From { get; private init; }
    public int Rounds { get; private init; }
    public bool Quick { get; private init; }
    public IReadOnlyList<Step> Steps { get; private init; } = [];

    /// <returns>Every mistake; none: <paramref name="options"/> can be used.</returns>
    public static IReadOnlyList<string> Read(IReadOnlyList<string> args, out ComparisonOptions options)
    {
        var mistakes = new List<string>();
        var given = new Dictionary<string, string>();
        var peers = new List<PeerName>();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--quick") given[arg] = "";
            else if (!arg.StartsWith('-')) peers.AddRange(Peer(arg, mistakes));
            else if (arg is not ("--peers" or "--server" or "--root" or "--data" or "--images" or "--out" or "--from" or "--rounds" or "--steps")) mistakes.Add($"{arg}: no such option (see bench/compare --help)");
            else if (i + 1 == args.Count || args[i + 1].StartsWith("--", StringComparison.Ordinal)) mistakes.Add($"{arg} needs a value");
            else given[arg] = args[++i];
        }
        var quick = given.ContainsKey("--quick");
        var root = given.GetValueOrDefault("--root", ".");
        var data = Path.GetFullPath(given.GetValueOrDefault("--data", Path.Combine(root, "data/compare")));
        options = new ComparisonOptions
        {
            Peers = peers,
            PeersFolder = Path.GetFullPath(given.GetValueOrDefault("--peers", ".")),
            Server = given.GetValueOrDefault("--server", ""),
            Data = data,
            // What a quick run measures is nothing to show.
            Images = Path.GetFullPath(given.GetValueOrDefault("--images", quick ? data : Path.Combine(root, "docs/images"))),
            Out = Path.GetFullPath(given.GetValueOrDefault("--out", Path.Combine(data, "run.json"))),
            From = given.GetValueOrDefault("--from"),
            Rounds = CountOfRounds(given.GetValueOrDefault("--rounds"), quick, mistakes),
            Quick = quick,
            Steps = Chosen(given.GetValueOrDefault("--steps"), mistakes),
        };
        foreach (var name in peers.GroupBy(p => p.Name).Where(g => g.Count() > 1)) mistakes.Add($"two peers are called {name.Key}");
        if (peers.Count > 0 && !given.ContainsKey("--peers")) mistakes.Add("--peers DIR is missing: the folder with peer.sh");
        else if (peers.Count > 0 && !File.Exists(Path.Combine(options.PeersFolder, "peer.sh"))) mistakes.Add($"--peers: there is no peer.sh in {options.PeersFolder}");
        if (options.From is { } from && !File.Exists(from)) mistakes.Add($"--from: there is no file {from}");
        if (options.From is null && !File.Exists(options.Server)) mistakes.Add($"--server: there is no file '{options.Server}' (client-api, built in Release)");
        return mistakes;
    }

    private static IEnumerable<PeerName> Peer(string text, List<string> mistakes)
    {
        if (text.Split('=') is [{ Length: > 0 } name, { Length: > 0 } rest] && rest.Split('+') is var words && words.All(w => w.Length > 0) && name is not (OurServer.OnRedis or OurServer.OnSqlite))
            return [new PeerName(name, words[0], words[1..])];
        mistakes.Add($"'{text}' is not NAME=PEER[+NEED]");
        return [];
    }

    private static int CountOfRounds(string? text, bool quick, List<string> mistakes)
    {
        if (text is null) return quick ? 1 : 3;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds is >= 1 and <= 99) return rounds;
        mistakes.Add($"--rounds {text}: a number from 1 to 99");
        return 1;
    }

    private static Step[] Chosen(string? text, List<string> mistakes)
    {
        if (text is null) return Step.All;
        var names = text.Split(',', ' ');
        foreach (var name in names.Where(n => Step.All.All(s => s.Name != n))) mistakes.Add($"--steps {name}: one or more of {string.Join(",", Step.All.Select(s => s.Name))}");
        return [.. Step.All.Where(s => names.Contains(s.Name))];
    }
}
