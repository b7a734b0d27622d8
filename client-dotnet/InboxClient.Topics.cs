using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

public sealed partial class InboxClient
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(0.1), _longestPause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<TopicJob> PublishToTopicAsync(string topic, Notification notification, IReadOnlyCollection<string>? except = null, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        var body = Bytes(notification);
        if (except is { Count: > 0 }) body = [.. body.AsSpan(..^1), .. ",\"except\":"u8, .. JsonSerializer.SerializeToUtf8Bytes([.. except], InboxJson.Wire.IReadOnlyListString), (byte)'}'];
        return (await _http.Send(HttpMethod.Post, $"{InboxPaths.Topic(topic)}/notifications", cancellationToken, body, KeyOf(options)).ConfigureAwait(false)).Read(InboxJson.Wire.TopicJob);
    }

    /// <inheritdoc/>
    public async Task<TopicJob> RetractFromTopicAsync(string topic, string key, CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Delete, $"{InboxPaths.Topic(topic)}/keys/{InboxPaths.Segment(key, nameof(key))}", cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.TopicJob);

    /// <inheritdoc/>
    public Task<JobProgress?> GetJobAsync(string job, CancellationToken cancellationToken = default) => OrNull(Job(job, cancellationToken));

    /// <inheritdoc/>
    public async Task<JobProgress> WaitForJobAsync(string job, CancellationToken cancellationToken = default)
    {
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            var progress = await Job(job, cancellationToken).ConfigureAwait(false);
            if (progress.IsDone) return progress;
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task SubscribeAsync(string topic, string user, CancellationToken cancellationToken = default) => _http.Send(HttpMethod.Put, Subscriber(topic, user), cancellationToken);

    /// <inheritdoc/>
    public Task UnsubscribeAsync(string topic, string user, CancellationToken cancellationToken = default) => _http.Send(HttpMethod.Delete, Subscriber(topic, user), cancellationToken);

    /// <inheritdoc/>
    public async Task ChangeSubscribersAsync(string topic, IReadOnlyCollection<string> add, IReadOnlyCollection<string> remove, CancellationToken cancellationToken = default)
    {
        foreach (var part in add.Select(static user => (User: user, Add: true)).Concat(remove.Select(static user => (User: user, Add: false))).Chunk(RecipientBatches.MaxUsers))
        {
            var body = new SubscribersBody([.. part.Where(static change => change.Add).Select(static change => change.User)], [.. part.Where(static change => !change.Add).Select(static change => change.User)]);
            await _http.Send(HttpMethod.Post, Subscribers(topic), cancellationToken, JsonSerializer.SerializeToUtf8Bytes(body, InboxJson.Wire.SubscribersBody)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<Subscription> GetSubscriptionAsync(string topic, string user, CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Get, Subscriber(topic, user), cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.Subscription);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListSubscribersAsync(string topic, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var address = $"{Subscribers(topic)}?limit=1000"; ;)
        {
            var page = (await _http.Send(HttpMethod.Get, address, cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.SubscribersAnswer);
            foreach (var user in page.Users) yield return user;
            if (page.Next is null) yield break;
            address = $"{Subscribers(topic)}?limit=1000&after={Uri.EscapeDataString(page.Next)}";
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> GetTopicsAsync(string user, CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Get, $"{InboxPaths.User(user)}/topics", cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.TopicsAnswer).Topics;

    /// <inheritdoc/>
    public async Task<Topic> GetTopicAsync(string topic, CancellationToken cancellationToken = default) =>
        (await _http.Send(HttpMethod.Get, InboxPaths.Topic(topic), cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.Topic);

    /// <inheritdoc/>
    public Task SetTopicOpenAsync(string topic, bool open, CancellationToken cancellationToken = default) =>
        _http.Send(HttpMethod.Put, InboxPaths.Topic(topic), cancellationToken, JsonSerializer.SerializeToUtf8Bytes(new(open), InboxJson.Wire.TopicBody));

    private async Task<JobProgress> Job(string job, CancellationToken cancellationToken) =>
        (await _http.Send(HttpMethod.Get, InboxPaths.Job(job), cancellationToken).ConfigureAwait(false)).Read(InboxJson.Wire.JobProgress);

    private static string Subscribers(string topic) => $"{InboxPaths.Topic(topic)}/subscribers";

    private static string Subscriber(string topic, string user) => $"{Subscribers(topic)}/{InboxPaths.Segment(user, nameof(user))}";
}
