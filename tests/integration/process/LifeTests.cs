using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansInbox.Tests.Processes;

public sealed class LifeTests
{
    [Fact]
    public async Task SIGTERM_ends_it_within_12_seconds_and_open_streams_are_told_when_to_return()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        using var streams = new StreamsOf(server, http);
        for (var index = 0; index < 10; index++) await streams.Open($"user-{index % 3}");

        var exitCode = await server.Terminate(TimeSpan.FromSeconds(12));

        Assert.Equal(0, exitCode);
        Assert.All(await streams.ReadToTheirEnd(), text => Assert.Contains("\nretry:", "\n" + text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_first_words_are_for_a_person_and_with_nobody_connected_it_ends_without_waiting()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName);

        // Within a second on a machine that has nothing else to do. Whatever waited for connections would take the 10 seconds of the drain.
        var exitCode = await server.Terminate(TimeSpan.FromSeconds(9));

        Assert.Equal(0, exitCode);
        var lines = server.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Equal($"OrleansInbox listens on {server.Url.ToString().TrimEnd('/')}", lines.First(line => line.StartsWith("OrleansInbox", StringComparison.Ordinal)));
        Assert.Contains($"  inboxes      {folder.FullName}", lines);
        Assert.Single(lines, line => Regex.IsMatch(line, $@"^Ready in \d+\.\d s: {server.Url}#key={server.ApiKey}$"));
        foreach (var word in new[] { "info:", "Polly[", "Orleans.Runtime.Silo[", "Orleans.Runtime.Watchdog[" }) Assert.DoesNotContain(word, server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Orleans_has_to_say_is_there_for_whoever_asks()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName, "--Logging:LogLevel:Orleans.Runtime.Silo", "Warning");

        await server.Terminate(TimeSpan.FromSeconds(12));

        Assert.Contains("ServerGC", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_Development_it_refuses_to_start_without_credentials()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production");

        Assert.Equal(1, exitCode);
        Assert.Contains("Auth:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal); // a sentence, not a stack trace
    }

    [Fact]
    public async Task Development_credentials_are_readable_by_their_owner_alone_and_outlive_a_restart()
    {
        using var folder = new TemporaryFolder();
        string first;
        await using (var server = await ServerProcess.Start(folder.FullName)) first = server.ApiKey;
        await using var again = await ServerProcess.Start(folder.FullName);

        Assert.Equal(first, again.ApiKey);
        if (OperatingSystem.IsWindows()) return; // it has no modes
        foreach (var file in Directory.GetFiles(folder.FullName, "development-*"))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    /// <summary>Orleans' ports ask for no credentials: whoever reaches one calls any inbox, or joins as a silo.</summary>
    [Fact]
    public async Task One_process_listens_on_its_http_port_and_on_no_other()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName);

        var sockets = new DirectoryInfo($"/proc/{server.Id}/fd").EnumerateFileSystemInfos().Select(handle => handle.LinkTarget ?? "").ToHashSet();
        var listening = new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{server.Id}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) // 1: local address, 3: state, 9: inode (proc(5))
            .Where(socket => socket[3] == "0A" && sockets.Contains($"socket:[{socket[9]}]"))
            .Select(socket => Convert.ToInt32(socket[1].Split(':')[1], 16));

        Assert.Equal([server.Url.Port], listening);
    }

    private sealed class StreamsOf(ServerProcess server, HttpClient http) : IDisposable
    {
        private readonly List<(HttpResponseMessage Response, StreamReader Reader)> _open = [];

        public async Task Open(string user)
        {
            var response = await http.GetAsync($"v1/users/me/stream?access_token={await server.Token(user)}", HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            _open.Add((response, reader));
            while (await reader.ReadLineAsync() is { } line && line != "event: ready") { }
        }

        public Task<string[]> ReadToTheirEnd() => Task.WhenAll(_open.Select(stream => stream.Reader.ReadToEndAsync()));

        public void Dispose() => _open.ForEach(stream => stream.Response.Dispose());
    }
}
