using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Http;

/// <summary>
/// Keeps connections below the process' limit of open files (<c>ulimit -n</c>). At that limit .NET ends the process ("Out of memory": it can map no more code),
/// and storage could open no file. What is too many is closed before the next one is accepted, and a warning says so. Kestrel's own limit is not enough: it
/// closes on the thread pool while it goes on accepting, so that a burst passes it.
/// </summary>
internal sealed partial class ConnectionLimit(IConnectionListenerFactory sockets, TimeProvider time, ILogger<ConnectionLimit> log, long max) : IConnectionListenerFactory
{
    /// <summary>For storage, other members and the runtime: a process without connections has about 300 open, most of them its own assemblies.</summary>
    private const int Reserved = 448;

    private readonly LogThrottle _warnings = new(time);
    private long _open;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(this, await sockets.BindAsync(endpoint, cancellationToken));

    /// <returns>As many as the limit of open files allows.</returns>
    public static long MaxOfProcess() => OpenFiles() is { } files ? Math.Max(files - Reserved, 16) : long.MaxValue;

    /// <summary>The soft limit (proc_pid_limits(5)), which .NET has raised to the hard one; null where there is none.</summary>
    private static long? OpenFiles()
    {
        if (!OperatingSystem.IsLinux()) return null;
        const string Name = "Max open files";
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.TryParse(line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    private bool TryOpen(ConnectionContext accepted, [NotNullWhen(true)] out Connection? connection)
    {
        connection = null;
        if (Interlocked.Increment(ref _open) <= max)
        {
            connection = new(this, accepted);
            return true;
        }
        Interlocked.Decrement(ref _open);
        if (_warnings.ShouldLog()) LogFull(log, max);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Max} connections are open, as many as the limit of open files (ulimit -n) allows: further ones are closed at once.")]
    private static partial void LogFull(ILogger log, long max);

    private sealed class Listener(ConnectionLimit limit, IConnectionListener listener) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } accepted)
            {
                if (limit.TryOpen(accepted, out var connection)) return connection;
                accepted.Abort();
                await accepted.DisposeAsync();
            }
            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }

    /// <summary>Counted until its socket is closed.</summary>
    private sealed class Connection(ConnectionLimit limit, ConnectionContext connection) : ConnectionContext
    {
        private bool _closed;

        public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

        public override IFeatureCollection Features => connection.Features;

        public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

        public override IDuplexPipe Transport { get => connection.Transport; set => connection.Transport = value; }

        public override CancellationToken ConnectionClosed { get => connection.ConnectionClosed; set => connection.ConnectionClosed = value; }

        public override EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

        public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await base.DisposeAsync();
            if (!Interlocked.Exchange(ref _closed, true)) Interlocked.Decrement(ref limit._open);
        }
    }
}
