using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.ClientApi;

public sealed class StandstillTests
{
    [Fact]
    public async Task A_change_that_waited_while_the_process_stood_still_is_refused_and_soon_made_again()
    {
        using var folder = new TemporaryFolder();
        await using var server = DatedServer.Start(DateTimeOffset.UtcNow, $"Inbox:DataPath={folder.FullName}");
        using var publisher = server.Publisher();
        const string inbox = "/v1/users/ann/notifications";
        Assert.Equal(HttpStatusCode.Created, (await publisher.PostAsJsonAsync(inbox, new { type = "t", title = "before" })).StatusCode);

        server.Time.Move(TimeSpan.FromSeconds(30));
        using var refused = await publisher.PostAsJsonAsync($"{inbox}/read", new { all = true });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        Assert.Contains("\"read\":false", await publisher.GetStringAsync(inbox), StringComparison.Ordinal);

        server.Time.Move(TimeSpan.FromSeconds(3)); // a busy machine may be reading still what waited
        using var stillRefused = await publisher.PostAsJsonAsync($"{inbox}/read", new { all = true });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, stillRefused.StatusCode);
        await Eventually.Is(async () => (await publisher.PostAsJsonAsync($"{inbox}/read", new { all = true })).IsSuccessStatusCode, "the mark to be taken");
        Assert.Contains("\"read\":true", await publisher.GetStringAsync(inbox), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_a_starved_process_takes_up_late_is_refused_for_what_it_has_waited()
    {
        using var folder = new TemporaryFolder();
        await using var server = DatedServer.Start(DateTimeOffset.UtcNow, $"Inbox:DataPath={folder.FullName}");
        using var publisher = server.Publisher();
        const string inbox = "/v1/users/ann/notifications";
        var published = await (await publisher.PostAsJsonAsync(inbox, new { type = "t", title = "before" })).Content.ReadFromJsonAsync<Dictionary<string, string>>();
        server.Time.Move(TimeSpan.FromSeconds(30));
        server.Time.Move(TimeSpan.FromSeconds(3));
        await Eventually.Is(async () => (await publisher.PostAsJsonAsync($"{inbox}/unread", new { all = true })).IsSuccessStatusCode, "the few seconds to be over in which everything is refused");

        // The answer to the first is what the second waits for, though it came with it.
        using var client = new TcpClient();
        await client.ConnectAsync(publisher.BaseAddress!.Host, publisher.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request("GET", $"{inbox}?after={published!["id"]}&wait=2", "") + Request("POST", $"{inbox}/read", "{\"all\":true}")));
        using var answers = new StreamReader(client.GetStream());
        var statuses = Regex.Matches(await answers.ReadToEndAsync(), "HTTP/1.1 ([0-9]{3})").Select(match => match.Groups[1].Value);

        Assert.Equal(["200", "503"], statuses);
        Assert.Contains("\"read\":false", await publisher.GetStringAsync(inbox), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await publisher.PostAsJsonAsync($"{inbox}/read", new { all = true })).StatusCode);

        string Request(string method, string path, string body) =>
            $"{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: {publisher.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{(method == "POST" ? "Connection: close\r\n" : "")}\r\n{body}";
    }
}
