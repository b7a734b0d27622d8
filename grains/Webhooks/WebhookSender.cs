using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Webhooks;

/// <summary>
/// Sends events, those of each endpoint by some workers of its own, so that a dead one delays nobody else. An event waits in its inbox until an endpoint has taken it: what
/// is in memory here is only its name, and a silo that is killed leaves nothing behind.
/// </summary>
internal sealed partial class WebhookSender : IAsyncDisposable
{
    private const int _queue = 1_000;
    private const int _workers = 8;

    /// <summary>For so long the index does not name it again: after that its silo is dead, or it still waits in the queue here.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private readonly IWaitingStore _store;
    private readonly WebhookOptions _options;
    private readonly InboxMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Channel<DueItem>> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _off = new(StringComparer.Ordinal);
    private readonly List<Task> _working = [];

    public WebhookSender(IWaitingStore store, WebhookOptions options, InboxMetrics metrics, TimeProvider time, ILogger<WebhookSender> logger)
    {
        (_store, _options, _metrics, _time, _logger) = (store, options, metrics, time, logger);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2), MaxConnectionsPerServer = _workers })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan, // each request has its own
        };
        foreach (var endpoint in options.Endpoints)
        {
            var queue = _queues[endpoint.Key] = Channel.CreateBounded<DueItem>(_queue);
            _working.AddRange(Enumerable.Range(0, _workers).Select(_ => Task.Run(() => Work(endpoint, queue.Reader))));
        }
    }

    /// <summary>Takes over what is due, and what the index does not name again for <see cref="Lease"/>.</summary>
    /// <returns>When the index is to name it again all the same: there is no room.</returns>
    public async Task<DateTimeOffset?> Take(DueItem item)
    {
        var endpoint = WebhookEvent.EndpointOf(item.Id);
        if (!_queues.TryGetValue(endpoint, out var queue) || _off.ContainsKey(endpoint))
        {
            await Done(item, "dropped"); // the endpoint is not in the settings any more, or does not want it
            return null;
        }
        if (!_taken.TryAdd(item.Inbox + item.Id, 0) || queue.Writer.TryWrite(item)) return null;
        _taken.TryRemove(item.Inbox + item.Id, out _);
        return _time.GetUtcNow() + Jittered(TimeSpan.FromSeconds(10)); // it waits where it is safe
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task Work(WebhookEndpoint endpoint, ChannelReader<DueItem> queue)
    {
        await foreach (var due in queue.ReadAllAsync(_stop.Token))
        {
            try
            {
                await Send(endpoint, due);
            }
            catch (StorageUnavailableException away)
            {
                LogAway(_logger, away, endpoint); // it waits still, and comes again: perhaps twice, with the same id
            }
            finally
            {
                _taken.TryRemove(due.Inbox + due.Id, out _);
            }
        }
    }

    private async Task Send(WebhookEndpoint endpoint, DueItem due)
    {
        if (await _store.Read(due.Inbox, [due.Id]) is not [var item])
        {
            // It is done; or it is announced, and not there yet: then the index names it again.
            if (due.DueAt < _time.GetUtcNow() - Lease) await _store.Settle([due]);
            return;
        }
        var (status, reason) = _off.ContainsKey(endpoint.Key) ? (HttpStatusCode.Gone, "") : await Post(endpoint, WebhookEvent.Parse(item));
        if (status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices)
        {
            await Done(due, "sent");
            return;
        }
        if (status == HttpStatusCode.Gone)
        {
            if (_off.TryAdd(endpoint.Key, 0)) LogOff(_logger, endpoint);
            await Done(due, "dropped");
            return;
        }
        var attempts = item.Options.Length == 0 ? 1 : int.Parse(item.Options, CultureInfo.InvariantCulture) + 1;
        if (attempts > _options.Pauses.Count)
        {
            LogDropped(_logger, endpoint, attempts, reason);
            await Done(due, "dropped");
            return;
        }
        _metrics.Webhook("failed");
        LogFailed(_logger, endpoint, attempts, reason);
        if (!await _store.Replace(due.Inbox, [due.Id], [item with { Options = attempts.ToString(CultureInfo.InvariantCulture) }])) return;
        _taken.TryRemove(due.Inbox + due.Id, out _); // before the index names it again
        await _store.Postpone([due], _time.GetUtcNow() + Jittered(_options.Pauses[attempts - 1]));
    }

    private async Task<(HttpStatusCode? Status, string Reason)> Post(WebhookEndpoint endpoint, WebhookEvent what)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        timeout.CancelAfter(_options.Timeout);
        try
        {
            using var request = what.Request(endpoint, _time.GetUtcNow());
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return (response.StatusCode, $"it answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return (null, $"it did not answer within {_options.Timeout.TotalSeconds} s");
        }
        catch (HttpRequestException failure)
        {
            return (null, failure.Message);
        }
    }

    /// <param name="result">sent, dropped</param>
    private async Task Done(DueItem due, string result)
    {
        if (await _store.Replace(due.Inbox, [due.Id], [])) _metrics.Webhook(result);
        await _store.Settle([due]);
    }

    /// <summary>A fifth more or less, so that what failed together does not come again together.</summary>
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.8 + 0.4 * Random.Shared.NextDouble());

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Endpoint}: attempt {Attempt} failed ({Reason}); it is tried again.")]
    private static partial void LogFailed(ILogger logger, WebhookEndpoint endpoint, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook {Endpoint}: an event is dropped, because {Attempts} attempts failed ({Reason}).")]
    private static partial void LogDropped(ILogger logger, WebhookEndpoint endpoint, int attempts, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook {Endpoint} answered 410 (gone): it is called no more until this server starts again, and its events are dropped. Remove it from the settings.")]
    private static partial void LogOff(ILogger logger, WebhookEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Endpoint}: storage is away; the event comes later.")]
    private static partial void LogAway(ILogger logger, Exception failure, WebhookEndpoint endpoint);
}
