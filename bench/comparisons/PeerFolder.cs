using System.Diagnostics;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>The folder of the peers: <c>peer.sh start|stop|pids|url NAME</c>. Disposing it stops what was started through it, the last one first.</summary>
internal sealed class PeerFolder(string folder) : IAsyncDisposable
{
    private readonly Stack<string> _started = [];

    /// <summary>Starts it, unless it was started here before.</summary>
    public async Task Start(string name)
    {
        if (_started.Contains(name)) return;
        if (await Run("pids", name) is { Length: > 0 } pid) throw new ComparisonException($"{name} runs already (process {pid}), and who knows with what load behind it. End it first: {folder}/peer.sh stop {name}");
        _started.Push(name);
        await Run("start", name);
    }

    public async Task Restart(string name)
    {
        await Run("stop", name);
        await Run("start", name);
    }

    /// <returns>The target of <paramref name="name"/> with the processes of what it needs.</returns>
    public async Task<string> Target(PeerName peer)
    {
        var pids = await Run(["pids", peer.Peer, .. peer.Needs]);
        if (pids.Split(',').Length != 1 + peer.Needs.Count) throw new ComparisonException($"{peer.Name}: not all of {string.Join(", ", [peer.Peer, .. peer.Needs])} run (pids {pids}); see the logs in {folder}");
        return $"{peer.Name}={await Run("url", peer.Peer)},pids={pids}";
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var name)) await Run("stop", name);
    }

    private async Task<string> Run(params string[] words)
    {
        var start = ServerProcess.Info("setsid", [Path.Combine(folder, "peer.sh"), .. words]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new ComparisonException($"peer.sh {string.Join(' ', words)}: {(await error).Trim()}");
    }
}

/// <summary>One peer of the folder.</summary>
internal sealed class PeerServer(PeerFolder folder, PeerName peer) : IServer
{
    private bool _started;

    public string Name => peer.Name;

    public async Task<string> Start(IReadOnlyList<string> settings, CancellationToken stop)
    {
        foreach (var need in peer.Needs) await folder.Start(need);
        if (_started) await folder.Restart(peer.Peer);
        else await folder.Start(peer.Peer);
        _started = true;
        return await folder.Target(peer);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the folder stops all of them
}
