using System.Globalization;

namespace OrleansInbox.Fuzz;

/// <summary>How much is sent, and to whom.</summary>
internal sealed record FuzzOptions
{
    public long Requests { get; init; } = 1_000_000;

    /// <summary>The same seed makes the same conversations.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The number of the first conversation: with <c>--requests 1</c> that one alone is made again.</summary>
    public long From { get; init; }

    /// <summary>Conversations at the same time, each on a connection of its own.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Where the server of its own keeps inboxes; null: SQLite in its folder.</summary>
    public string? Redis { get; init; }

    /// <summary>Null: a server of its own, whose log, memory and handles are looked at too.</summary>
    public Uri? Url { get; init; }

    /// <summary>The API key of the server at <see cref="Url"/>.</summary>
    public string? Key { get; init; }

    public const string Help = """
        Sends requests, tokens, chunks and early ends from a grammar, and finds what the server answers with 5xx, logs as an error, or holds on to.

          fuzz [--requests 1000000] [--seed 1] [--from 0] [--connections 8] [--redis HOST:PORT | --url http://127.0.0.1:5000 --key API-KEY]

        Without --url it starts a server of its own, in Production on SQLite in a temporary folder, or on that Redis, which is left with what was sent. Against another server, which
        has to have its rate limits off, only answers are looked at. Each fault is shown with its conversation; --seed with --from
        and --requests 1 makes that one again. The last line is the verdict. Exit code: 0 held, 1 not, 2 wrong arguments or no server.
        """;

    /// <returns>Null with the mistake.</returns>
    public static (FuzzOptions? Options, string? Mistake) Read(IReadOnlyList<string> args)
    {
        var options = new FuzzOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count) return (null, $"{args[i]} needs a value");
            var value = args[i + 1];
            var isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000_000;
            if (!isNumber && args[i] is not ("--url" or "--key" or "--redis")) return (null, $"{args[i]} {value}: a whole number up to 10^9");
            options = args[i] switch
            {
                "--requests" => options with { Requests = number },
                "--seed" => options with { Seed = (int)number },
                "--from" => options with { From = number },
                "--connections" => options with { Connections = (int)number },
                "--url" => options with { Url = Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme == "http" ? url : null },
                "--redis" => options with { Redis = value },
                "--key" => options with { Key = value },
                _ => null!,
            };
            if (options is null) return (null, $"{args[i]}: no such option (--help)");
            if (args[i] == "--url" && options.Url is null) return (null, $"--url {value}: http://HOST[:PORT]");
        }
        if (options.Url is null != options.Key is null) return (null, "--url and --key go together");
        if (options.Url is not null && options.Redis is not null) return (null, "--redis is for a server of its own, without --url");
        return options is { Requests: > 0, Connections: > 0 and <= 256 } ? (options, null) : (null, "--requests from 1, --connections from 1 to 256");
    }
}
