using System.Net.Sockets;

namespace OrleansInbox.Tests.Processes;

/// <summary>A small limit of open files (<c>ulimit -n</c>), and more connections than it allows.</summary>
public sealed class OpenFilesTests
{
    private const int Limit = 512;

    [Fact]
    public async Task What_is_too_much_is_closed_with_one_warning_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartWithFew(Limit, folder.FullName);
        using var http = server.Publisher();
        Assert.Equal(201, await Publish(http)); // its connection stays open, and what a first publish loads is loaded
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30)); // a server that accepts no more makes the kernel wait for minutes
        var sockets = Enumerable.Range(0, 4 * Limit).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();
        await Task.WhenAll(sockets.Select(Connect)); // at once: none may pass the limit, not for a moment
        await Eventually.Is(() => Task.FromResult(server.Output.Contains("ulimit -n", StringComparison.Ordinal)), "the warning");
        Assert.Equal(201, await Publish(http));

        sockets.ForEach(socket => socket.Dispose());
        await Eventually.Is(async () =>
        {
            using var another = server.Publisher();
            try
            {
                return (await another.GetAsync("/health/ready")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "a new connection to be taken");
        Assert.Equal(2, server.Output.Split("ulimit -n").Length);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);

        async Task Connect(Socket socket)
        {
            try
            {
                await socket.ConnectAsync(server.Url.Host, server.Url.Port, patience.Token);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // It was closed before this side had looked.
            }
        }
    }

    private static async Task<int> Publish(HttpClient http)
    {
        using var answer = await http.PostAsync("v1/users/ann/notifications", new StringContent("""{"type":"t","title":"T"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
        return (int)answer.StatusCode;
    }
}
