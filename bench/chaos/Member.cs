using System.Diagnostics;
using System.Globalization;

namespace OrleansInbox.Chaos;

/// <summary>One process of the cluster under test: started, killed, frozen, started again; its output goes to one file.</summary>
internal sealed class Member(string name, string log, IReadOnlyList<string> command, Uri? ready) : IDisposable
{
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private Process? _process;

    public string Name { get; } = name;
    public bool IsFrozen { get; private set; }
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Somebody is at it: the nemesis leaves it alone.</summary>
    public bool IsTaken { get; set; }

    public void Start()
    {
        _process?.Dispose();
        IsFrozen = false;
        // The shell becomes the process, so the id is its own.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$CHAOS_LOG\" 2>&1", "sh", .. command]) { RedirectStandardInput = true };
        start.Environment["CHAOS_LOG"] = log;
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
    }

    public Task Kill() => End("KILL", TimeSpan.FromSeconds(10));

    /// <summary>SIGTERM; SIGKILL when it does not end by itself.</summary>
    public Task Terminate() => End("TERM", TimeSpan.FromSeconds(20));

    public void Freeze()
    {
        IsFrozen = true;
        Signal("STOP");
    }

    public void Thaw()
    {
        IsFrozen = false;
        Signal("CONT");
    }

    /// <returns>False when it has ended, or takes longer.</returns>
    public async Task<bool> Ready(TimeSpan within, CancellationToken stop)
    {
        var waited = Stopwatch.StartNew();
        while (IsRunning && waited.Elapsed < within)
        {
            if (await IsReady(stop)) return true;
            await Task.Delay(200, stop);
        }
        return false;
    }

    public async Task<bool> IsReady(CancellationToken stop)
    {
        if (!IsRunning || IsFrozen) return false;
        if (ready is null) return true;
        try
        {
            using var answer = await _http.GetAsync(ready, stop);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _process?.Dispose();

    private async Task End(string signal, TimeSpan patience)
    {
        if (_process is not { HasExited: false } process) return;
        Signal(signal);
        if (IsFrozen) Thaw();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private void Signal(string name)
    {
        if (!IsRunning) return;
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
