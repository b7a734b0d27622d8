using System.Globalization;

namespace OrleansInbox.Chaos;

/// <summary>How large the cluster is, how hard it is used, and when it is enough.</summary>
internal sealed record ChaosOptions
{
    public int Kills { get; init; } = 20;
    public double Minutes { get; init; } = 10;
    public int Silos { get; init; } = 3;

    /// <summary>Each front-end is a silo too.</summary>
    public bool IsCoHosted => Silos == 0;
    public int FrontEnds { get; init; } = 2;

    /// <summary>Three masters with a replica each, which has what is acknowledged.</summary>
    public bool RedisCluster { get; init; }
    public int Users { get; init; } = 30;
    public int Publishers { get; init; } = 4;

    /// <summary>Publishes per second of all publishers together.</summary>
    public int Rate { get; init; } = 60;

    /// <summary>Clients beside the live readers of every user on every front-end that reconnect at random.</summary>
    public int Restless { get; init; } = 12;

    /// <summary>Before the first kill, to compare with.</summary>
    public double Quiet { get; init; } = 15;

    /// <summary>Seconds between two deeds of the nemesis, on average.</summary>
    public double Pause { get; init; } = 6;
    public int Seed { get; init; } = 1;
    public int Port { get; init; } = 18_200;

    /// <summary>History and logs; made anew.</summary>
    public string Folder { get; init; } = "chaos-run";

    public const string Help = """
        Kills a cluster while it is used, and proves from what its clients saw that nothing was lost, doubled or misordered.

          chaos [--kills 20] [--minutes 10] [--silos 3] [--front-ends 2] [--users 30]
                [--publishers 4] [--rate 60] [--restless 12] [--quiet 15] [--pause 6] [--seed 1] [--port 18200] [--folder chaos-run]
                [--redis-cluster]

        With --silos 0 each front-end is a silo too (three of them want --front-ends 3). Ends after so many kills or minutes, whichever
        comes first. With --redis-cluster storage is a Redis Cluster of three masters with a replica each, Storage:WaitReplicas=1, and masters are
        killed and cut off from their replicas. Needs redis-server. The history and the logs of every process are in the folder. The last line is the
        verdict. Exit code: 0 exact, 1 not, 2 wrong arguments or the cluster did not start.
        """;

    /// <returns>Null with the mistake.</returns>
    public static (ChaosOptions? Options, string? Mistake) Read(IReadOnlyList<string> args)
    {
        var options = new ChaosOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            if (args[i] == "--redis-cluster")
            {
                options = options with { RedisCluster = true };
                i--; // it has no value
                continue;
            }
            if (i + 1 == args.Count) return (null, $"{args[i]} needs a value");
            var value = args[i + 1];
            var isNumber = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
            if (!isNumber && args[i] is not "--folder") return (null, $"{args[i]} {value}: a number");
            options = args[i] switch
            {
                "--kills" => options with { Kills = (int)number },
                "--minutes" => options with { Minutes = number },
                "--silos" => options with { Silos = (int)number },
                "--front-ends" => options with { FrontEnds = (int)number },
                "--users" => options with { Users = (int)number },
                "--publishers" => options with { Publishers = (int)number },
                "--rate" => options with { Rate = (int)number },
                "--restless" => options with { Restless = (int)number },
                "--quiet" => options with { Quiet = number },
                "--pause" => options with { Pause = number },
                "--seed" => options with { Seed = (int)number },
                "--port" => options with { Port = (int)number },
                "--folder" => options with { Folder = value },
                _ => null!,
            };
            if (options is null) return (null, $"{args[i]}: no such option (--help)");
        }
        return options is { FrontEnds: > 0, Users: > 0, Publishers: > 0, Rate: > 0 } ? (options, null) : (null, "there has to be at least one of everything but silos");
    }
}
