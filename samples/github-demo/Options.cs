using System.Globalization;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string KeyVariable = "INBOX_API_KEY";
    private const double MaxRate = 1000;
    private const int MaxWait = 3600;

    public const string Help = $"""
        Publishes GitHub webhook deliveries to the inboxes of the people whom they concern.

          github-demo FILE [options]

          FILE             one delivery a line: {"{"}"event":"issues","payload":{"{…}}"}
          --url URL        the server                                        (http://127.0.0.1:8080)
          --key-file FILE  holds the API key; without it {KeyVariable} has the key
          --rate N         notifications a second, above 0, at most 1,000                        (5)
          --wait N         seconds to wait for a server that has not started yet                 (0)
          --help

        A repeated run adds nothing: each notification has an Idempotency-Key of its own, kept by the server for 24 hours.
        Exit code: 0 all published, 1 some refused, 2 wrong arguments, 3 no server, 4 the key is refused, 130 interrupted.
        """;

    public required string File { get; init; }
    public required Uri Url { get; init; }

    /// <summary>Read when it is used: a server that starts at the same time has yet to write it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Null with <see cref="KeyFile"/>.</summary>
    public string? ApiKey { get; init; }

    public double Rate { get; init; } = 5;
    public TimeSpan Wait { get; init; }

    /// <returns>Options, or everything that is wrong with the arguments.</returns>
    public static (Options? Options, IReadOnlyList<string> Mistakes) Read(IReadOnlyList<string> arguments, string? keyVariable)
    {
        var (mistakes, files, given) = (new List<string>(), new List<string>(), new Dictionary<string, string>());
        for (var index = 0; index < arguments.Count; index++)
        {
            var name = arguments[index];
            if (!name.StartsWith("--", StringComparison.Ordinal)) files.Add(name);
            else if (name is not ("--url" or "--key-file" or "--rate" or "--wait")) mistakes.Add($"{name} is no option (--help)");
            else if (index + 1 == arguments.Count) mistakes.Add($"{name} needs a value");
            else given[name] = arguments[++index];
        }
        if (files.Count != 1) mistakes.Add(files.Count == 0 ? "the FILE of deliveries is missing" : "more than one FILE is given");
        else if (!System.IO.File.Exists(files[0])) mistakes.Add($"there is no file {files[0]}");
        if (!Uri.TryCreate(given.GetValueOrDefault("--url", "http://127.0.0.1:8080").TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            mistakes.Add("--url has to be like http://127.0.0.1:8080");
        var rate = Number(given, "--rate", 5, MaxRate, mistakes);
        if (rate == 0) mistakes.Add("--rate has to be above 0");
        var wait = Number(given, "--wait", 0, MaxWait, mistakes);
        var key = given.TryGetValue("--key-file", out var keyFile) ? null : keyVariable?.Trim();
        if (keyFile is null && string.IsNullOrEmpty(key)) mistakes.Add($"no API key: name a file that holds it (--key-file), or set {KeyVariable}");
        return mistakes.Count > 0 ? (null, mistakes)
            : (new Options { File = files[0], Url = url!, ApiKey = key, KeyFile = keyFile, Rate = rate, Wait = TimeSpan.FromSeconds(wait) }, []);
    }

    private static double Number(Dictionary<string, string> given, string name, double otherwise, double max, List<string> mistakes)
    {
        if (!given.TryGetValue(name, out var text)) return otherwise;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= max) return number;
        mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} has to be a number up to {max:0}; it is \"{text}\""));
        return otherwise;
    }
}
