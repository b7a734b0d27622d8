using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Tests.Deployment;

/// <summary>A real nginx with <c>deploy/nginx.conf</c>: its ports, folders and the places of its logs replaced, nothing else. Disposing ends it.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-nginx-");
    private readonly int _port = FreePort.Next();
    private readonly Process _process;

    private NginxServer(int first, int second)
    {
        var configuration = Replaced(DeployFolder.Text("nginx.conf"),
            ("front-end-0:8080", $"127.0.0.1:{first}"), ("front-end-1:8080", $"127.0.0.1:{second}"), ("listen 8080;", $"listen 127.0.0.1:{_port};"),
            ("worker_processes auto;", "worker_processes 2;"), ("/tmp/nginx", Path.Combine(_folder.FullName, "nginx")),
            ("worker_rlimit_nofile 65536;", ""), ("worker_connections 16384;", "worker_connections 512;"), // a test's machine may allow no more
            ("/dev/stderr", File("error.log")), ("/dev/stdout", File("access.log")));
        System.IO.File.WriteAllText(File("nginx.conf"), configuration);
        var start = new ProcessStartInfo(Program(), ["-p", _folder.FullName, "-e", File("start.log"), "-c", File("nginx.conf"), "-g", "daemon off;"]) { RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { }; // start.log has it too
        _process.BeginErrorReadLine();
    }

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    /// <summary>What it has written down so far, in all its logs.</summary>
    public string Logs => string.Concat(_folder.GetFiles("*.log").Select(file => System.IO.File.ReadAllText(file.FullName)));

    public static async Task<NginxServer> Start(int first, int second)
    {
        var nginx = new NginxServer(first, second);
        var waited = Stopwatch.StartNew();
        while (!await nginx.Listens())
        {
            if (!nginx._process.HasExited && waited.Elapsed < _patience)
            {
                await Task.Delay(20); // nginx does not tell when it listens: asked again, with a deadline
                continue;
            }
            var logs = nginx.Logs;
            await nginx.DisposeAsync();
            throw new InvalidOperationException($"nginx did not listen within {_patience}: {logs}");
        }
        return nginx;
    }

    /// <summary>Bound and not listened on: nobody else is given that port, connections are refused, and who is told to can listen there all the same.</summary>
    public static Socket Reserve()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) // its workers go with it
                await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(_patience);
            await _process.WaitForExitAsync(patience.Token);
        }
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private async Task<bool> Listens()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Replaced(string text, params ReadOnlySpan<(string From, string To)> pairs)
    {
        var replaced = new StringBuilder(text);
        foreach (var (from, to) in pairs)
        {
            Assert.Contains(from, text, StringComparison.Ordinal); // else the test would run something else than it thinks
            replaced.Replace(from, to);
        }
        return replaced.ToString();
    }

    /// <summary>Debian keeps it where an ordinary user's PATH does not look.</summary>
    private static string Program() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(System.IO.File.Exists)
        ?? throw new InvalidOperationException("These tests start their own nginx: on Debian, apt-get install -y --no-install-recommends nginx-light.");
}
