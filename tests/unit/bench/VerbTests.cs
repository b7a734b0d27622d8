using System.Text.Json;
using OrleansInbox.Bench;

namespace OrleansInbox.Tests.Bench;

/// <summary>Short runs of every verb against a server that does what it should, or on purpose does not.</summary>
public sealed class VerbTests
{
    [Fact]
    public async Task Publish_counts_the_answers_and_shows_the_credentials_to_the_server_only()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"publish --target a={server.Url},auth=ApiKey_secret --connections 4 --users 10 --count 200 --warmup 0 --rounds 3");
        Assert.Equal(0, code);
        var line = Assert.Single(lines);
        Assert.True(line.GetProperty("ok").GetBoolean());
        Assert.Equal(3, line.GetProperty("rounds").GetArrayLength());
        Assert.Equal(200, Median(line, "answered"));
        Assert.True(Median(line, "perSecond") > 0);
        Assert.True(Median(line, "p50Ms") <= Median(line, "p99Ms"));
        Assert.Equal("ApiKey_secret", server.Authorization);
        Assert.DoesNotContain("secret", line.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_take_turns_and_their_ratio_is_printed()
    {
        await using var one = await ContractServer.Start();
        await using var other = await ContractServer.Start(plain: true);
        var (code, lines) = await Run($"publish --target one={one.Url} --target other={other.Url} --ratio-to one --connections 2 --users 5 --count 50 --warmup 0 --rounds 2");
        Assert.Equal(0, code);
        Assert.Equal(["one", "other"], lines.Take(2).Select(l => l.GetProperty("target").GetString()));
        Assert.Equal(1, lines[2].GetProperty("ratios").GetProperty("one").GetDouble());
        Assert.True(lines[2].GetProperty("ratios").GetProperty("other").GetDouble() > 0);
    }

    [Fact]
    public async Task Refused_publishes_are_errors_and_no_ratio_is_made_of_them()
    {
        await using var server = await ContractServer.Start(Fault.Refuse);
        var (code, lines) = await Run($"publish --target a={server.Url} --ratio-to a --connections 2 --users 1 --count 100 --warmup 0 --rounds 1");
        Assert.Equal(1, code);
        Assert.False(lines[0].GetProperty("ok").GetBoolean());
        Assert.Equal(10, Errors(lines[0], "status 503"));
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("ratios").GetProperty("a").ValueKind);
    }

    [Fact]
    public async Task Topics_waits_for_the_job_and_counts_whom_it_reached()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"topics --target a={server.Url} --users 2500 --rounds 2");
        Assert.Equal(0, code);
        var line = Assert.Single(lines);
        var rounds = line.GetProperty("rounds").EnumerateArray().ToList();
        Assert.Equal(2, rounds.Count);
        Assert.All(rounds, round => Assert.InRange(round.GetProperty("perSecond").GetDouble() * round.GetProperty("seconds").GetDouble(), 2_400, 2_600)); // both are rounded
    }

    [Fact]
    public async Task Subscribers_that_a_job_did_not_reach_are_errors()
    {
        await using var server = await ContractServer.Start(Fault.Lose);
        var (code, lines) = await Run($"topics --target a={server.Url} --users 50 --rounds 1");
        Assert.Equal((1, 10), (code, Errors(lines[0], "subscriber not reached")));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error()
    {
        string url;
        await using (var server = await ContractServer.Start()) url = server.Url;
        var (code, lines) = await Run($"publish --target a={url} --connections 1 --seconds 0.1 --warmup 0 --rounds 1");
        Assert.Equal(1, code);
        Assert.True(Errors(lines[0], "socket: ConnectionRefused") > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fanout_finds_nothing_wrong_where_nothing_is_wrong(bool plain)
    {
        await using var server = await ContractServer.Start(plain: plain);
        var (code, lines) = await Fanout(server, "--streams 8");
        Assert.Equal(0, code);
        Assert.Equal(440, Median(lines[0], "delivered")); // 40 of the warm-up, each user has two streams
        Assert.True(Median(lines[0], "p99Ms") > 0);
    }

    [Theory]
    [InlineData(Fault.Lose, "lost", 20)]
    [InlineData(Fault.Repeat, "doubled", 20)]
    [InlineData(Fault.Swap, "misordered", 20)]
    [InlineData(Fault.Stray, "strayed", 20)]
    [InlineData(Fault.Refuse, "status 503", 20)]
    [InlineData(Fault.CutStreams, "stream ended", 4)]
    [InlineData(Fault.RefuseStreams, "stream: status 403", 4)]
    public async Task Fanout_finds_what_a_server_does_wrong(Fault fault, string error, int times)
    {
        await using var server = await ContractServer.Start(fault);
        var (code, lines) = await Fanout(server, "--streams 4");
        Assert.Equal(1, code);
        Assert.Equal(times, Errors(lines[0], error));
    }

    [Fact]
    public async Task List_fills_the_inboxes_once_and_measures_both_pages()
    {
        await using var server = await ContractServer.Start();
        var command = $"list --target a={server.Url} --entries 150 --users 2 --connections 4 --count 50 --warmup 0 --rounds 1";
        var (code, lines) = await Run(command);
        Assert.Equal(0, code);
        Assert.Equal(["first", "deep"], lines.Select(l => l.GetProperty("page").GetString()));
        (code, _) = await Run(command);
        Assert.Equal(0, code); // had it published again, more than 150 were kept
    }

    [Theory]
    [InlineData(Fault.Trim, "inbox keeps 20 entries instead of 150")]
    [InlineData(Fault.RepeatPages, "pages repeat an entry")]
    public async Task List_does_not_measure_inboxes_that_are_not_what_was_asked_for(Fault fault, string error)
    {
        await using var server = await ContractServer.Start(fault);
        var (code, lines) = await Run($"list --target a={server.Url} --entries 150 --users 1 --connections 1 --count 50 --warmup 0 --rounds 1");
        Assert.Equal(1, code);
        Assert.Equal(1, Errors(lines[0], error));
    }

    [Fact]
    public async Task Connections_reads_the_memory_of_the_process_with_the_streams_open()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"connections --target a={server.Url},pids={Environment.ProcessId} --streams 50 --settle 0");
        Assert.Equal(0, code);
        Assert.Equal(50, Median(lines[0], "streams"));
        Assert.True(Median(lines[0], "pssBefore") > 1_000_000);
    }

    [Fact]
    public async Task Idle_publishes_first_and_then_reads_the_CPU_of_the_process_that_nobody_asks()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"idle --target a={server.Url},pids={Environment.ProcessId} --warmup 0.1 --settle 0 --seconds 0.1 --connections 2 --users 5 --rounds 1");
        Assert.Equal(0, code);
        Assert.NotEqual(0, server.Published);
        Assert.InRange(Median(lines[0], "idleCpuMsPerSecond"), 0, 1000 * Environment.ProcessorCount);
        Assert.InRange(Median(lines[0], "seconds"), 0.05, 60); // a timer may be a clock tick early
    }

    [Fact]
    public async Task Scan_asks_one_inbox_and_others_and_looks_at_the_process_afterwards()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"scan --target a={server.Url},pids={Environment.ProcessId} --connections 2 --entries 30 --seconds 0.4 --settle 0.1 --rounds 1");
        Assert.Equal(0, code);
        Assert.Equal(30, server.Published);
        Assert.True(Median(lines[0], "answered") > 0);
        Assert.True(Median(lines[0], "otherP50Ms") > 0);
        Assert.InRange(Median(lines[0], "afterwardsCores"), 0, Environment.ProcessorCount);
    }

    [Fact]
    public async Task Soak_asks_for_all_sorts_of_things_and_looks_at_the_process_now_and_then()
    {
        await using var server = await ContractServer.Start();
        var (code, lines) = await Run($"soak --target a={server.Url},pids={Environment.ProcessId} --connections 2 --users 5 --rate 200 --streams 1 --seconds 1.2 --rounds 1");
        Assert.Equal(1, code); // the server of this test knows no counts and marks, and that is said
        Assert.Equal(server.Published, Median(lines[0], "publishes"));
        Assert.True(server.Published > 0);
        Assert.True(Median(lines[0], "rssEndMiB") > 10);
        Assert.True(Median(lines[0], "openFiles") > 10);
    }

    [Fact]
    public async Task Publish_without_warm_up_tells_how_long_the_process_needed_from_its_start()
    {
        await using var server = await ContractServer.Start();
        var age = ProcessTree.AgeSeconds(Environment.ProcessId);
        var (_, lines) = await Run($"publish --target a={server.Url},pids={Environment.ProcessId} --warmup 0 --seconds 0.8 --connections 2 --users 5 --rounds 1");
        Assert.InRange(Median(lines[0], "startToHalfSeconds"), age, ProcessTree.AgeSeconds(Environment.ProcessId));
        (_, lines) = await Run($"publish --target a={server.Url},pids={Environment.ProcessId} --warmup 0.01 --seconds 0.5 --connections 2 --users 5 --rounds 1");
        Assert.False(lines[0].GetProperty("median").TryGetProperty("startToHalfSeconds", out _)); // the server was warm
    }

    [Fact]
    public async Task A_restart_gives_the_target_of_each_round_and_each_is_a_first_one()
    {
        await using var first = await ContractServer.Start();
        await using var second = await ContractServer.Start();
        var servers = new Queue<ContractServer>([first, second]);
        var (code, lines) = await Run(
            $"publish --target a={first.Url} --warmup 0 --count 20 --connections 1 --users 5 --rounds 2",
            restart: target => Task.FromResult(Target.Parse($"a={servers.Dequeue().Url},pids={Environment.ProcessId}", out _)!));
        Assert.Equal(0, code);
        Assert.Equal((20, 20), (first.Published, second.Published));
        Assert.All(lines[0].GetProperty("rounds").EnumerateArray(), round => Assert.True(round.TryGetProperty("startToHalfSeconds", out _)));
    }

    [Fact]
    public async Task An_interrupted_run_says_so()
    {
        await using var server = await ContractServer.Start();
        using var stop = new CancellationTokenSource();
        // The first round reports to the progress; then the signal comes.
        var (code, lines) = await Run($"publish --target a={server.Url} --connections 2 --users 5 --count 20 --warmup 0 --rounds 99", stop);
        Assert.Equal(130, code);
        Assert.True(lines[0].GetProperty("interrupted").GetBoolean());
        Assert.False(lines[0].GetProperty("ok").GetBoolean());
    }

    private static Task<(int Code, JsonElement[] Lines)> Fanout(ContractServer server, string streams) =>
        Run($"fanout --target a={server.Url} {streams} --users 4 --connections 2 --rate 1000 --count 200 --warmup 0.02 --settle 0 --drain 2 --rounds 1");

    private static async Task<(int Code, JsonElement[] Lines)> Run(string command, CancellationTokenSource? cancelAtFirstProgress = null, Func<Target, Task<Target>>? restart = null)
    {
        var (options, mistakes) = OptionsReader.Read(command.Split(' '));
        Assert.True(options is not null, string.Join("; ", mistakes));
        using var output = new StringWriter();
        using var progress = new CancellingWriter(cancelAtFirstProgress);
        var code = await OrleansInbox.Bench.Program.Run(options, output, progress, cancelAtFirstProgress?.Token ?? CancellationToken.None, restart);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))]);
    }

    private static double Median(JsonElement line, string figure) => line.GetProperty("median").GetProperty(figure).GetDouble();

    private static long Errors(JsonElement line, string what) =>
        line.GetProperty("errors").TryGetProperty(what, out var times) ? times.GetInt64() : 0;

    private sealed class CancellingWriter(CancellationTokenSource? stop) : StringWriter
    {
        public override void WriteLine(string? value) => stop?.Cancel();
    }
}
