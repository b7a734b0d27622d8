using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansInbox.Tests.Processes;

/// <summary>The built client-api as a process of its own, on a free port of 127.0.0.1. Disposing kills it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60); // a busy machine starts it in seconds
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _dataPath;

    private ServerProcess(string dataPath, string environment, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null, int? openFiles = null)
    {
        _dataPath = dataPath;
        var start = new ProcessStartInfo(openFiles is null ? "dotnet" : "bash") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = dataPath };
        if (openFiles is not null) start.ArgumentList.Add("-c"); // the shell becomes the process, so the id is its own
        foreach (var argument in (IEnumerable<string>)[.. openFiles is null ? (string[])[] : [$"ulimit -n {openFiles}; exec dotnet \"$@\"", "bash"], Checkout.Program("OrleansInbox.ClientApi"), "--urls", "http://127.0.0.1:0", "--Inbox:DataPath", dataPath, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        start.Environment["Cluster__Dashboard"] = "false"; // a third of the work of a start
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.Exited += (_, _) => _listens.TrySetException(new InvalidOperationException($"client-api ended before it listened: {Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Standard output and error so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public int Id => _process.Id;

    public Uri Url => _listens.Task.Result;

    /// <summary>The key that it made up in its data folder.</summary>
    public string ApiKey => File.ReadAllText(Path.Combine(_dataPath, "development-api-key")).Trim();

    /// <returns>Once it listens.</returns>
    public static Task<ServerProcess> Start(string dataPath, params string[] arguments) => Start(new Dictionary<string, string>(), dataPath, arguments);

    /// <param name="variables">Of its environment.</param>
    /// <param name="dataPath">Its folder.</param>
    /// <param name="arguments">Further ones.</param>
    public static Task<ServerProcess> Start(IReadOnlyDictionary<string, string> variables, string dataPath, params string[] arguments) =>
        Listening(new(dataPath, "Development", arguments, variables));

    /// <param name="openFiles">Its limit, as of <c>ulimit -n</c>.</param>
    /// <param name="dataPath">Its folder.</param>
    public static Task<ServerProcess> StartWithFew(int openFiles, string dataPath) => Listening(new(dataPath, "Development", [], openFiles: openFiles));

    private static async Task<ServerProcess> Listening(ServerProcess server)
    {
        try
        {
            await server.Listens();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <returns>At once; see <see cref="Listens"/>.</returns>
    public static ServerProcess Begin(string dataPath, params string[] arguments) => new(dataPath, "Development", arguments);

    public async Task Listens()
    {
        try
        {
            await _listens.Task.WaitAsync(_patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Waited {_patience} for client-api to listen: {Output}", e);
        }
    }

    /// <returns>Exit code and output of one that is expected to refuse to start.</returns>
    public static async Task<(int ExitCode, string Output)> RunUntilShutdown(string dataPath, string environment, params string[] arguments)
    {
        await using var server = new ServerProcess(dataPath, environment, arguments);
        _ = server._listens.Task.Exception; // observed: it never listens
        return (await server.Ended("it was started to be refused", _patience), server.Output);
    }

    public HttpClient Publisher()
    {
        var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new("ApiKey", ApiKey);
        return http;
    }

    /// <summary>As the page at / gets one.</summary>
    public async Task<string> Token(string user)
    {
        using var http = Publisher();
        using var answer = await http.PostAsync("dev/token?user=" + Uri.EscapeDataString(user), null);
        using var token = await answer.Content.ReadFromJsonAsync<JsonDocument>();
        return token!.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited) _process.Kill();
        await Ended("SIGKILL", _patience);
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Terminate(TimeSpan within)
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        return await Ended("SIGTERM", within);
    }

    /// <returns>The exit code of one that ends by itself.</returns>
    public Task<int> Ended(TimeSpan within) => Ended("it had reason to", within);

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    private async Task<int> Ended(string after, TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Waited {within} for client-api to end after {after}: {Output}", e);
        }
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        if (Address().Match(line) is { Success: true } match) _listens.TrySetResult(new(match.Groups[1].Value));
    }

    [GeneratedRegex(@"(?:Now listening on: |listens on )(http://127\.0\.0\.1:\d+)")]
    private static partial Regex Address();
}
