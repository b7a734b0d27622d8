using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>client-api as a process, in Production on SQLite in a temporary folder, or on a Redis. Disposing ends it, and removes the folder.</summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    private const string Listens = "Now listening on: ";
    private static readonly TimeSpan _startTime = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-fuzz-");
    private readonly TaskCompletionSource<Uri> _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _complaints = [];
    private readonly Process _process;
    private bool _isComplaint;
    private int _complaintCount;

    private FuzzServer(string? redis)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Dll("OrleansInbox.ClientApi"), "--environment", "Production", "--urls", "http://127.0.0.1:0", "--Inbox:DataPath", _folder.FullName,
            "--Auth:SigningKey", Convert.ToBase64String(SigningKey), "--Auth:ApiKeys:0:Sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ApiKey))),
            "--Webhooks:0:Url", Webhooks.Url.ToString(), "--Webhooks:0:Secret", "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            "--RateLimit:UserPerSecond", "0", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
            // They warn of a machine that lets a process wait, and not of what it was sent.
            "--Logging:LogLevel:Orleans.Runtime.Scheduler", "Error", "--Logging:LogLevel:Orleans.Runtime.Watchdog", "Error", "--Live:Probe", "00:01:00",
            .. redis is null ? (string[])[] : ["--ConnectionStrings:Redis", redis],
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.Exited += (_, _) => _listens.TrySetException(new InvalidOperationException($"The server ended: {string.Join('\n', Complaints())}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string ApiKey { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    public byte[] SigningKey { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>What the server calls.</summary>
    public WebhookReceiver Webhooks { get; } = new();

    public Uri Url => _listens.Task.Result;
    public bool IsRunning => !_process.HasExited;

    /// <summary>So far; lines come a little after what they are about.</summary>
    public int ComplaintCount => Volatile.Read(ref _complaintCount);

    public static async Task<FuzzServer> Start(string? redis)
    {
        var server = new FuzzServer(redis);
        try
        {
            await server._listens.Task.WaitAsync(_startTime);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lines of the log at Warning and above, and what follows them.</summary>
    public string[] Complaints()
    {
        lock (_complaints) return [.. _complaints];
    }

    /// <summary>Resident memory in MiB, and open files, from /proc.</summary>
    public (long MiB, int Handles) Footprint()
    {
        var memory = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (long.Parse(memory.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024, Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count());
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Webhooks.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        if (line.IndexOf(Listens, StringComparison.Ordinal) is >= 0 and var at) _listens.TrySetResult(new(line[(at + Listens.Length)..]));
        lock (_complaints)
        {
            // The console's form: "fail: Category[1]" and indented lines. Whatever else a process says, a crash for one, is not indented.
            var isMessage = line.StartsWith("      ", StringComparison.Ordinal);
            if (!isMessage) _isComplaint = !line.StartsWith("info: ", StringComparison.Ordinal);
            if (!_isComplaint) return;
            if (!isMessage) _complaintCount++;
            if (_complaints.Count < 200) _complaints.Add(line);
        }
    }


    /// <summary>Beside this program's own folder in the artifacts.</summary>
    private static string Dll(string project)
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var dll = Path.Combine(mine.Parent!.Parent!.FullName, project, mine.Name, project + ".dll");
        return File.Exists(dll) ? dll : throw new InvalidOperationException($"{project} is not built: {dll} is missing.");
    }
}
