using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>Starts all servers, runs the steps with the servers taking turns, and keeps what the load tool said of each as one JSON document.</summary>
internal sealed class Comparison(ComparisonOptions options, IReadOnlyList<IServer> servers, TextWriter progress)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly Dictionary<string, string> _targets = [];
    private readonly Dictionary<string, Abilities> _abilities = [];
    private IReadOnlyList<string> _ourSettings = [];

    /// <summary>The command: measures or reads a run, prints its table, draws it. What was started is ended before it returns.</summary>
    public static async Task<int> Run(ComparisonOptions options, TextWriter output, TextWriter progress, CancellationToken stop)
    {
        try
        {
            var result = options.From is { } from ? ComparisonResult.Parse(await File.ReadAllTextAsync(from, stop)) : await Measure(options, progress, stop);
            foreach (var line in ComparisonTable.Lines(result)) output.WriteLine(line);
            Directory.CreateDirectory(options.Images);
            foreach (var palette in Palette.All)
            {
                var file = Path.Combine(options.Images, $"compare-{palette.Name}.svg");
                await File.WriteAllTextAsync(file, new BarChart(result, palette).Draw(), stop);
                progress.WriteLine($"drawn: {file}");
            }
            return result.HasErrors ? 1 : 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            progress.WriteLine("interrupted");
            return 130;
        }
        catch (Exception e) when (e is ComparisonException or IOException or UnauthorizedAccessException)
        {
            progress.WriteLine($"compare: {e.Message}");
            return 2;
        }
    }

    private static async Task<ComparisonResult> Measure(ComparisonOptions options, TextWriter progress, CancellationToken stop)
    {
        foreach (var name in new[] { OurServer.OnRedis, OurServer.OnSqlite })
            if (Directory.Exists(Path.Combine(options.Data, name))) Directory.Delete(Path.Combine(options.Data, name), recursive: true);
        Directory.CreateDirectory(options.Data);
        using var told = stop.Register(() => progress.WriteLine("stopping: all that was started is being ended …"));
        await using var folder = new PeerFolder(options.PeersFolder);
        await using var onRedis = new OurServer(OurServer.OnRedis, options.Server, options.Data);
        await using var onSqlite = new OurServer(OurServer.OnSqlite, options.Server, options.Data);
        var result = await new Comparison(options, [onRedis, onSqlite, .. options.Peers.Select(p => new PeerServer(folder, p))], progress).Steps(stop);
        Directory.CreateDirectory(Path.GetDirectoryName(options.Out)!);
        await File.WriteAllTextAsync(options.Out, result.ToJsonString(Indented), CancellationToken.None);
        progress.WriteLine($"written: {options.Out}");
        stop.ThrowIfCancellationRequested();
        return new ComparisonResult(result);
    }

    private async Task<JsonObject> Steps(CancellationToken stop)
    {
        var result = About();
        foreach (var server in servers)
        {
            stop.ThrowIfCancellationRequested();
            _targets[server.Name] = await server.Start(_ourSettings, stop);
            _abilities[server.Name] = await Probe.Run(Target.Parse(_targets[server.Name], out _)!);
            progress.WriteLine($"{server.Name} is started: {_abilities[server.Name]}");
        }
        var steps = new JsonArray();
        result["steps"] = steps;
        foreach (var step in options.Steps)
        {
            if (stop.IsCancellationRequested) break;
            if (!step.OurSettings.SequenceEqual(_ourSettings))
            {
                _ourSettings = step.OurSettings;
                foreach (var ours in servers.OfType<OurServer>()) _targets[ours.Name] = await ours.Start(_ourSettings, stop);
            }
            if (servers.Any(s => _abilities[s.Name].HasFlag(step.Needs))) steps.Add(await Run(step, stop));
            else progress.WriteLine($"{step.Name}: no server can take part");
        }
        if (stop.IsCancellationRequested) result["interrupted"] = true;
        return result;
    }

    private async Task<JsonNode> Run(Step step, CancellationToken stop)
    {
        var command = options.Quick ? step.QuickCommand : step.Command;
        progress.WriteLine($"== {step.Name}: {command}");
        var verb = command.Split(' ')[0];
        var targets = servers.Where(s => _abilities[s.Name].HasFlag(step.Needs)).SelectMany(s => new[] { "--target", _targets[s.Name] });
        var (load, mistakes) = OptionsReader.Read([.. command.Split(' '), "--rounds", $"{options.Rounds}", .. targets]);
        if (load is null) throw new ComparisonException($"{verb}: {string.Join("; ", mistakes)}");
        using var lines = new StringWriter();
        await Program.Run(load, lines, progress, stop, step.Fresh ? Restart : null);
        return new JsonObject
        {
            ["step"] = step.Name,
            ["command"] = command,
            ["lines"] = new JsonArray([.. lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line))]),
        };

        async Task<Target> Restart(Target target) =>
            Target.Parse(_targets[target.Name] = await servers.First(s => s.Name == target.Name).Start(_ourSettings, stop), out _)!;
    }

    /// <summary>When, with what and on which machine.</summary>
    private JsonObject About() => new()
    {
        ["time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        ["version"] = typeof(Comparison).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        ["quick"] = options.Quick,
        ["rounds"] = options.Rounds,
        ["machine"] = new JsonObject
        {
            ["processor"] = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1],
            ["cores"] = Environment.ProcessorCount,
            ["memoryGiB"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30,
            ["system"] = RuntimeInformation.OSDescription,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["loadBefore"] = File.ReadAllText("/proc/loadavg").Split(' ')[0],
        },
        ["targets"] = new JsonArray([.. servers.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["ours"] = s is OurServer })]),
    };
}
