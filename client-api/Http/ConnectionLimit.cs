using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Http;

/// <summary>
/// Keeps connections below the process' limit of open files (<c>ulimit -n</c>). At that limit the kernel refuses to accept, and Kestrel would ask it again in a
/// loop, without a word, on a whole core; nor could storage open a file. What is too many is closed at once, and a warning says so.
/// </summary>
internal sealed partial class ConnectionLimit : IConfigureOptions<KestrelServerOptions>, IHostedService, IDisposable
{
    /// <summary>For storage, other members and the runtime: a process without connections has about 300 open, most of them its own assemblies.</summary>
    private const int Reserved = 448;

    private readonly MeterListener _rejections = new();
    private readonly LogThrottle _warnings;
    private readonly ILogger _log;
    private readonly long? _max = OpenFiles() is { } files ? Math.Max(files - Reserved, 16) : null;

    public ConnectionLimit(TimeProvider time, ILogger<ConnectionLimit> log)
    {
        (_warnings, _log) = (new(time), log);
        _rejections.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Name: "kestrel.rejected_connections", Meter.Name: "Microsoft.AspNetCore.Server.Kestrel" }) listener.EnableMeasurementEvents(instrument);
        };
        _rejections.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            if (_warnings.ShouldLog()) LogFull(_log, _max);
        });
    }

    public void Configure(KestrelServerOptions options) => options.Limits.MaxConcurrentConnections = _max;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _rejections.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _rejections.Dispose();

    /// <summary>The soft limit (proc_pid_limits(5)), which .NET has raised to the hard one; null where there is none.</summary>
    private static long? OpenFiles()
    {
        if (!OperatingSystem.IsLinux()) return null;
        const string Name = "Max open files";
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.TryParse(line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Max} connections are open, as many as the limit of open files (ulimit -n) allows: further ones are closed at once.")]
    private static partial void LogFull(ILogger log, long? max);
}
