using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>A process that this tool started and ends, by its id. It has a session of its own, so Ctrl-C reaches the tool alone.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(15);
    private readonly Process _process;
    private readonly string _log;

    private ServerProcess(Process process, string log) => (_process, _log) = (process, log);

    public int Pid => _process.Id;

    /// <param name="log">The file that gets what the process writes.</param>
    public static ServerProcess Start(string log, string folder, IEnumerable<string> command)
    {
        // Both replace themselves by what they start: the id stays.
        var start = Info("setsid", ["bash", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, .. command]);
        start.WorkingDirectory = folder;
        return new ServerProcess(Process.Start(start)!, log);
    }

    /// <summary>How every process is started here: without the settings of sockets that this tool makes for itself.</summary>
    public static ProcessStartInfo Info(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("DOTNET_SYSTEM_NET_SOCKETS_", StringComparison.Ordinal)).ToArray()) start.Environment.Remove(name);
        return start;
    }

    /// <summary>Asks until it is true; the end of the process is an error.</summary>
    public async Task WaitFor(Func<Task<bool>> ready, CancellationToken stop)
    {
        for (var since = Stopwatch.GetTimestamp(); !await ready(); await Task.Delay(50, stop))
        {
            if (!_process.HasExited && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60)) continue;
            var said = File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(5)) : "";
            throw new ComparisonException($"{Path.GetFileNameWithoutExtension(_log)} {(_process.HasExited ? "has ended" : "is not ready after 60 s")}; its log is {_log}\n{said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, Terminate);
        using (var limit = new CancellationTokenSource(Drain))
        {
            try { await _process.WaitForExitAsync(limit.Token); }
            catch (OperationCanceledException) { _process.Kill(); }
        }
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
