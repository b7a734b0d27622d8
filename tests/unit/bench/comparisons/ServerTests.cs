using OrleansInbox.Bench;
using OrleansInbox.Bench.Comparisons;

namespace OrleansInbox.Tests.Bench.Comparisons;

/// <summary>Processes that a comparison starts and ends; the peers are a script that notes what it was told.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compare-servers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Log => Path.Combine(_folder, "log");

    [Fact]
    public async Task A_process_is_ended_by_its_id_and_has_none_of_the_settings_of_the_tools_sockets()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_OF_A_TEST", "1");
        int pid;
        await using (var process = ServerProcess.Start(Log, _folder, ["bash", "-c", "echo pid $$ in $PWD; env; trap 'echo asked to end; exit' TERM; echo ready; while :; do read -t 1 <> <(:); done"]))
        {
            await process.WaitFor(() => Task.FromResult(File.Exists(Log) && File.ReadLines(Log).Contains("ready")), CancellationToken.None);
            pid = process.Pid;
            Assert.True(Directory.Exists($"/proc/{pid}"));
        }
        Assert.False(Directory.Exists($"/proc/{pid}"));
        var lines = File.ReadAllLines(Log);
        Assert.Equal($"pid {pid} in {_folder}", lines[0]);
        Assert.Equal("asked to end", lines[^1]);
        Assert.DoesNotContain(lines, line => line.Contains("OF_A_TEST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_ends_instead_of_getting_ready_is_told_with_the_last_lines_of_its_log()
    {
        await using var process = ServerProcess.Start(Log, _folder, ["bash", "-c", "echo no such setting >&2"]);
        var error = await Assert.ThrowsAsync<ComparisonException>(() => process.WaitFor(() => Task.FromResult(false), CancellationToken.None));
        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such setting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_are_started_once_with_what_they_need_and_stopped_the_last_first()
    {
        Script("""
            case $1 in
                start) echo 1 >"$2.pid" ;;
                stop) rm "$2.pid" ;;
                pids) shift; cat $(printf '%s.pid ' "$@") 2>/dev/null | paste -sd, ; exit 0 ;;
                url) echo http://127.0.0.1:9 ; exit 0 ;;
            esac
            echo "$@" >>log
            """);
        await using (var folder = new PeerFolder(_folder))
        {
            var sql = new PeerServer(folder, new PeerName("sql", "p3", ["pg"]));
            var other = new PeerServer(folder, new PeerName("other", "p2", ["pg"]));
            Assert.Equal("sql=http://127.0.0.1:9,pids=1,1", await sql.Start([], CancellationToken.None));
            await other.Start([], CancellationToken.None);
            await sql.Start([], CancellationToken.None);
        }
        Assert.Equal(["start pg", "start p3", "start p2", "stop p3", "start p3", "stop p2", "stop p3", "stop pg"], File.ReadAllLines(Log));
    }

    [Fact]
    public async Task A_peer_that_runs_already_is_not_measured_and_not_stopped()
    {
        Script("echo \"$1\" >>log; [ \"$1\" = pids ] && echo 4711");
        await using (var folder = new PeerFolder(_folder))
            Assert.Contains("p5 runs already (process 4711)", (await Assert.ThrowsAsync<ComparisonException>(() => folder.Start("p5"))).Message, StringComparison.Ordinal);
        Assert.Equal(["pids"], File.ReadAllLines(Log));
    }

    [Fact]
    public async Task What_the_script_complains_of_is_told()
    {
        Script("[ \"$1\" = start ] && { echo unknown peer \"$2\" >&2; exit 2; }; exit 0");
        await using var folder = new PeerFolder(_folder);
        Assert.Equal("peer.sh start p9: unknown peer p9", (await Assert.ThrowsAsync<ComparisonException>(() => folder.Start("p9"))).Message);
    }

    [Theory]
    [InlineData(Fault.None, "Publish, List, Stream, Deliver")]
    [InlineData(Fault.RefuseStreams, "Publish, List")]
    public async Task What_a_server_can_do_is_found_out_by_asking(Fault fault, string abilities)
    {
        await using var server = await ContractServer.Start(fault);
        Assert.Equal(abilities, (await Probe.Run(Target.Parse($"a={server.Url}", out _)!)).ToString());
    }

    private void Script(string text)
    {
        var file = Path.Combine(_folder, "peer.sh");
        File.WriteAllText(file, "#!/bin/bash\ncd \"$(dirname \"$0\")\"\n" + text);
        using var chmod = System.Diagnostics.Process.Start("chmod", ["+x", file]);
        chmod.WaitForExit();
    }
}
