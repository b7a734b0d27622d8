using System.Diagnostics;
using System.Text;

namespace OrleansInbox.Tests.Cluster;

/// <summary>A silo in a process of its own, so that it can be killed.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("OrleansInbox.Silo"), .. arguments, "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.Exited += (_, _) => _listens.TrySetException(new InvalidOperationException("The silo ended before it listened: " + _output));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <returns>Once it is a member.</returns>
    public static async Task<SiloProcess> Start(string[] arguments)
    {
        var silo = new SiloProcess(arguments);
        await silo._listens.Task.WaitAsync(_patience);
        return silo;
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(_patience);
    }

    /// <summary>SIGSTOP: it does nothing, and its connections stay open.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        if (line.Contains("Now listening on", StringComparison.Ordinal)) _listens.TrySetResult(); // HTTP starts after the silo
    }
}
