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
    private readonly string[] _further;
    private string[]? _arguments;
    private Process? _process;

    /// <param name="further">Arguments of redis-server; those that come again here count.</param>
    internal RedisServer(int port, params string[] further) => (Port, _further) = (port, further);

    /// <summary>Stays the same over restarts.</summary>
    public int Port { get; private set; }

    /// <summary>Where its files are.</summary>
    internal DirectoryInfo Folder => _folder;

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <param name="fsync"><c>always</c>, <c>everysec</c> or <c>no</c>.</param>
    /// <param name="further">Arguments of redis-server.</param>
    public static async Task<RedisServer> Start(string fsync = "everysec", params string[] further)
    {
        var server = new RedisServer(0, ["--appendfsync", fsync, .. further]);
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

    /// <summary>With these arguments alone.</summary>
    internal void RunAs(params string[] arguments) => _arguments = arguments;

    /// <summary>After <see cref="Stop"/> or <see cref="Kill"/>: again, on the same port and data.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo("redis-server")
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in _arguments ?? [.. Usual(), .. _further]) start.ArgumentList.Add(argument);
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

    private string[] Usual() =>
    [
        "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "",
        "--appendonly", "yes", "--daemonize", "no", "--logfile", "redis.log",
    ];

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

    /// <summary>Sends a command on a connection of its own, without a client that would follow redirections.</summary>
    /// <returns>A string or a number; of a list nothing but its length.</returns>
    /// <exception cref="InvalidOperationException">Redis answered with an error.</exception>
    internal async Task<string> Ask(params string[] command)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command) request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), patience.Token);
        using var answer = new StreamReader(client.GetStream(), Encoding.UTF8);
        var first = await answer.ReadLineAsync(patience.Token) ?? throw new IOException("Redis has closed the connection.");
        if (first[0] == '-') throw new InvalidOperationException(first);
        if (first[0] != '$') return first[1..];
        var length = int.Parse(first.AsSpan(1), CultureInfo.InvariantCulture);
        if (length < 0) return "";
        var text = new char[length]; // of ASCII
        await answer.ReadBlockAsync(text, patience.Token);
        return new string(text);
    }

    private async Task<bool> Answers()
    {
        try
        {
            return await Ask("PING") == "PONG";
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or InvalidOperationException) // -LOADING while it reads its file
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
