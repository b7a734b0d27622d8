using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Tests;

/// <summary>
/// A real <c>redis-server</c> of the test's own: a free port of 127.0.0.1, a temporary folder, append-only file. It can be frozen, killed and started again on the
/// same data; disposing ends the process and removes the folder.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-redis-");
    private readonly string _fsync;
    private Process? _process;

    private RedisServer(string fsync) => _fsync = fsync;

    /// <summary>Stays the same over restarts.</summary>
    public int Port { get; private set; }

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <param name="fsync"><c>always</c>, <c>everysec</c> or <c>no</c>.</param>
    public static async Task<RedisServer> Start(string fsync = "everysec")
    {
        var server = new RedisServer(fsync);
        for (var attempt = 1; ; attempt++)
        {
            server.Port = FreePort.Next();
            try
            {
                await server.Start();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5 && server._process is { HasExited: true }) // somebody else took the port in between
            {
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>After <see cref="Stop"/> or <see cref="Kill"/>: again, on the same port and data.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo("redis-server")
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "",
                "--appendonly", "yes", "--appendfsync", _fsync, "--daemonize", "no", "--logfile", "redis.log",
            },
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("These tests start their own Redis: install redis-server (Debian: apt-get install redis-server) so that it is in the PATH.", e);
        }
        var waited = Stopwatch.StartNew();
        while (!await Answers())
        {
            if (_process.HasExited) throw new InvalidOperationException($"redis-server ended with code {_process.ExitCode}: {Log()}");
            if (waited.Elapsed > _patience) throw new TimeoutException($"Waited {_patience} for redis-server to answer PING on {Address}: {Log()}");
            await Task.Delay(20); // redis-server does not tell when it listens: asked again, with a deadline
        }
    }

    /// <summary>Ends it cleanly: what it was told is on disk.</summary>
    public Task Stop() => End("TERM");

    /// <summary>kill -9.</summary>
    public Task Kill() => End("KILL");

    /// <summary>A copy of its files. What was answered is in them: the append-only file is written before the answer.</summary>
    public void Backup(DirectoryInfo to) => Copy(_folder, to);

    /// <summary>Killed, and started again on what a copy holds.</summary>
    public async Task SetBack(DirectoryInfo to)
    {
        await Kill();
        foreach (var written in _folder.GetDirectories()) written.Delete(recursive: true);
        Copy(to, _folder);
        await Start();
    }

    /// <summary>SIGSTOP: connections stay open, commands stay in the socket, no answers.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT: it does what was sent while it was frozen.</summary>
    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var file in from.GetFiles("*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to.FullName, Path.GetRelativePath(from.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy, overwrite: true);
        }
    }

    private async Task End(string signal)
    {
        if (_process is not { HasExited: false } process) return;
        Signal(signal);
        if (signal != "KILL") Signal("CONT"); // a frozen one would not hear it
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"Waited {_patience} for redis-server (pid {process.Id}) to end after SIG{signal}.", e);
        }
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task<bool> Answers()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), patience.Token);
            var answer = new byte[64];
            var read = await client.GetStream().ReadAsync(answer, patience.Token);
            return Encoding.ASCII.GetString(answer, 0, read).StartsWith("+PONG", StringComparison.Ordinal); // -LOADING while it reads its file
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private string Log()
    {
        var file = Path.Combine(_folder.FullName, "redis.log");
        return File.Exists(file) ? File.ReadAllText(file) : "(no log)";
    }
}
