using System.Globalization;
using System.Text.Json;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

/// <summary>The inbox server over HTTP. Thread-safe; one for a process.</summary>
public sealed partial class InboxClient : IInboxClient
{
    private readonly InboxHttp _http;
    private readonly TimeProvider _time;

    /// <summary>Over an <see cref="HttpClient"/> of your own, with base address and credentials, and without retries of ours; see <see cref="InboxClientHosting"/>.</summary>
    public InboxClient(HttpClient http, TimeProvider? time = null) : this(() => http, time ?? TimeProvider.System) { }

    internal InboxClient(Func<HttpClient> clients, TimeProvider time) => (_http, _time) = (new(clients, time), time);

    /// <inheritdoc/>
    public async Task<PublishResult> PublishAsync(string user, Notification notification, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        var answer = await _http.Send(HttpMethod.Post, $"{InboxPaths.User(user)}/notifications", cancellationToken, Bytes(notification), KeyOf(options)).ConfigureAwait(false);
        return answer.Read(InboxJson.Wire.PublishResult) with { Replayed = answer.Replayed };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RecipientResult>> PublishManyAsync(IReadOnlyCollection<string> users, Notification notification, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        var key = KeyOf(options);
        List<RecipientResult> results = new(users.Count);
        foreach (var (number, batch) in RecipientBatches.Split(users, Bytes(notification).Length).Index())
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new(batch, notification), InboxJson.Wire.BatchBody);
            var answer = await _http.Send(HttpMethod.Post, InboxPaths.Batch, cancellationToken, body, RecipientBatches.Key(key, number)).ConfigureAwait(false);
            results.AddRange(answer.Read(InboxJson.Wire.BatchAnswer).Results);
        }
        return results;
    }

    /// <inheritdoc/>
    public Task CancelScheduledAsync(string user, string scheduled, CancellationToken cancellationToken = default) =>
        _http.Send(HttpMethod.Delete, $"{InboxPaths.User(user)}/scheduled/{InboxPaths.Segment(scheduled, nameof(scheduled))}", cancellationToken);

    /// <inheritdoc/>
    public Task RetractAsync(string user, string key, CancellationToken cancellationToken = default) =>
        _http.Send(HttpMethod.Delete, $"{InboxPaths.User(user)}/keys/{InboxPaths.Segment(key, nameof(key))}", cancellationToken);

    /// <inheritdoc/>
    public async Task<InboxCounts> GetCountsAsync(string user, CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Get, $"{InboxPaths.User(user)}/counts", cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.InboxCounts);

    /// <inheritdoc/>
    public Task EraseAsync(string user, CancellationToken cancellationToken = default) =>
        _http.Send(HttpMethod.Delete, $"{InboxPaths.User(user)}/notifications", cancellationToken);

    /// <inheritdoc/>
    public Task ForgetAsync(string user, CancellationToken cancellationToken = default) => _http.Send(HttpMethod.Delete, InboxPaths.User(user), cancellationToken);

    private static byte[] Bytes(Notification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return JsonSerializer.SerializeToUtf8Bytes(notification, InboxJson.Wire.Notification);
    }

    private static string KeyOf(PublishOptions? options) => options?.IdempotencyKey ?? Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    private static async Task<T?> OrNull<T>(Task<T> found) where T : class
    {
        try
        {
            return await found.ConfigureAwait(false);
        }
        catch (InboxException missing) when (missing.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
