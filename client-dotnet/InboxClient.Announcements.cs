using System.Text.Json;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

public sealed partial class InboxClient
{
    /// <inheritdoc/>
    public async Task<Announced> AnnounceAsync(Notification notification, DateTimeOffset expiresAt, bool newcomers = true, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var body = JsonSerializer.SerializeToUtf8Bytes(new(notification, expiresAt, newcomers), InboxJson.Wire.AnnouncementBody);
        var answer = await _http.Send(HttpMethod.Post, InboxPaths.Announcements, cancellationToken, body, KeyOf(options)).ConfigureAwait(false);
        return answer.Read(InboxJson.Wire.Announced) with { Replayed = answer.Replayed };
    }

    /// <inheritdoc/>
    public Task<Announcement?> GetAnnouncementAsync(string id, CancellationToken cancellationToken = default) => OrNull(Get(id, cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Announcement>> ListAnnouncementsAsync(CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Get, InboxPaths.Announcements, cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.AnnouncementsAnswer).Items;

    /// <inheritdoc/>
    public Task RetractAnnouncementAsync(string id, CancellationToken cancellationToken = default) => _http.Send(HttpMethod.Delete, InboxPaths.Announcement(id), cancellationToken);

    private async Task<Announcement> Get(string id, CancellationToken cancellationToken) =>
        (await _http.Send(HttpMethod.Get, InboxPaths.Announcement(id), cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.Announcement);
}
