using System.Net;
using System.Net.Http.Json;
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
}
