using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>Announcements against the real server, one of its own: everybody gets them.</summary>
public sealed class AnnouncementTests
{
    [Fact]
    public async Task An_announcement_is_in_each_inbox_until_it_is_taken_back()
    {
        await using var server = await ApiServer.Start(redis: null);
        using var client = TestClient.Of(server);
        var inbox = client.Inbox;
        var notification = new Notification { Type = "release", Title = "Version 5", Data = NotificationData.Parse("12345678901234567890") };
        var expiresAt = DateTimeOffset.UtcNow.AddDays(1);
        var options = new PublishOptions { IdempotencyKey = "release-5" };

        var announced = await inbox.AnnounceAsync(notification, expiresAt, options: options);
        Assert.Equal(announced with { Replayed = true }, await inbox.AnnounceAsync(notification, expiresAt, options: options));

        Assert.Equal(1, (await inbox.GetCountsAsync("ann")).Unread);
        var announcement = await inbox.GetAnnouncementAsync(announced.Id);
        Assert.Equal((announced.Id, announced.CreatedAt, notification, true), (announcement!.Id, announcement.CreatedAt, announcement.Notification with { ExpiresAt = null }, announcement.Newcomers));
        Assert.Equal(announced.Id, Assert.Single(await inbox.ListAnnouncementsAsync()).Id);
        Assert.Null(await inbox.GetAnnouncementAsync("1-1"));
        await inbox.RetractAnnouncementAsync(announced.Id);
        await inbox.RetractAnnouncementAsync(announced.Id);
        await Eventually.Is(async () => (await inbox.GetCountsAsync("ann")).Total == 0, "the announcement to be gone");
        Assert.Equal(0, (await inbox.GetCountsAsync("bob")).Total);
        var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => inbox.AnnounceAsync(notification with { Title = "" }, expiresAt.AddYears(2)));
        Assert.True(refused.Errors.Count >= 2, refused.Message);
    }
}
