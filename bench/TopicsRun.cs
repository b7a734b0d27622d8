using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrleansInbox.Bench;

/// <summary>A publish to a topic with many subscribers, whose inboxes are in no memory unless the round before left them there: the time until its job is done, and what it leaves in memory.</summary>
internal sealed class TopicsRun(Options options, Action<string> progress) : IWorkload
{
    private const int _together = 1_000;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<Target> _filled = [];

    public string MainFigure => "perSecond";

    private string Topic => $"/v1/topics/{options.Prefix}-{options.Users}";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        try
        {
            using var connection = await HttpConnection.Open(target, options.Timeout);
            if (_filled.Add(target)) await Subscribe(target, connection, stop);
            var before = ProcessTree.Memory(target.Pids);
            var (cpu, began) = (CpuMeter.Start(target), Stopwatch.GetTimestamp());
            var job = Json(await Ask(connection, Requests.Post(target, Topic + "/notifications", Requests.Notification(0, Requests.Mark(0, round)))), "job").GetString();
            var state = Requests.Get(target, "/v1/jobs/" + job);
            ReadOnlyMemory<byte> answer;
            while (Json(answer = await Ask(connection, state), "state").GetString() != "done" && Stopwatch.GetElapsedTime(began) < options.Timeout) await Task.Delay(_look, stop);
            var reached = Json(answer, "reached").GetInt64();
            sample["seconds"] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            sample["perSecond"] = reached / sample["seconds"];
            sample.Failed("subscriber not reached", options.Users - reached);
            cpu.Stop(sample, reached);
            if (target.Pids.Count > 0) sample["pssBytesEach"] = (ProcessTree.Memory(target.Pids).Pss - before.Pss) / (double)options.Users;
        }
        catch (Exception e) when (Sample.IsWire(e))
        {
            sample.Failed(e);
        }
        return [sample];
    }

    private async Task Subscribe(Target target, HttpConnection connection, CancellationToken stop)
    {
        progress($"{target.Name}: subscribing {options.Users} users");
        foreach (var some in Enumerable.Range(0, options.Users).Chunk(_together))
        {
            stop.ThrowIfCancellationRequested();
            await Ask(connection, Requests.Post(target, Topic + "/subscribers", $"{{\"add\":[{string.Join(',', some.Select(user => $"\"{options.User("t", user)}\""))}]}}"));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> Ask(HttpConnection connection, byte[] request)
    {
        var (status, body) = await connection.Ask(request);
        return status is >= 200 and <= 299 ? body : throw new ProtocolException(string.Create(CultureInfo.InvariantCulture, $"status {status}"));
    }

    private static JsonElement Json(ReadOnlyMemory<byte> body, string member)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty(member, out var value) ? value.Clone() : throw new ProtocolException($"an answer has no {member}");
    }
}
