using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansInbox.Topics;

namespace OrleansInbox.Telemetry;

/// <summary>The metrics of the product, in the meter <c>OrleansInbox</c>, and its activity source.</summary>
public sealed class InboxMetrics
{
    public const string MeterName = "OrleansInbox";

    /// <summary>Spans over publish → grain → storage → delivery.</summary>
    public static readonly ActivitySource Source = new(MeterName);

    /// <summary>For exporters: their default bounds are meant for milliseconds, and would put all of these seconds into the first bucket.</summary>
    private static readonly InstrumentAdvice<double> _times = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Counter<long> _appended;
    private readonly Histogram<double> _appendLatency;
    private readonly Counter<long> _delivered;
    private readonly Histogram<double> _deliveryLatency;
    private readonly UpDownCounter<long> _liveConnections;
    private readonly UpDownCounter<long> _watchedUsers;
    private readonly UpDownCounter<long> _activations;
    private readonly Counter<long> _cutOff;
    private readonly Counter<long> _storageFailures;
    private readonly Counter<long> _backups;
    private readonly Counter<long> _eventsDropped;
    private readonly Counter<long> _ingested;
    private readonly Counter<long> _ingestRefused;
    private readonly Histogram<double> _dueDelay;
    private readonly Counter<long> _webhooks;
    private readonly Counter<long> _tookIn;
    private readonly UpDownCounter<long> _topicsAtWork;
    private readonly Counter<long> _topicReached;
    private readonly ConcurrentDictionary<string, long> _ingestLag = new(StringComparer.Ordinal);

    public InboxMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _appended = meter.CreateCounter<long>("inbox.appended", "{notification}", "Notifications that storage has accepted.");
        _appendLatency = meter.CreateHistogram<double>("inbox.append.duration", "s", "From the grain's call to storage's answer.", advice: _times);
        _delivered = meter.CreateCounter<long>("inbox.delivered", "{notification}", "Notifications written to live connections.");
        _deliveryLatency = meter.CreateHistogram<double>("inbox.delivery.duration", "s", "From storage's answer to the live connection's queue.", advice: _times);
        _liveConnections = meter.CreateUpDownCounter<long>("inbox.live.connections", "{connection}", "Open live connections.");
        _watchedUsers = meter.CreateUpDownCounter<long>("inbox.watched.users", "{user}", "Users with a live connection or a long poll on this front-end.");
        _activations = meter.CreateUpDownCounter<long>("inbox.activations", "{activation}", "Inboxes in memory on this silo.");
        _cutOff = meter.CreateCounter<long>("inbox.live.cut_off", "{connection}", "Readers that were too slow and were cut off.");
        _storageFailures = meter.CreateCounter<long>("inbox.storage.failures", "{failure}", "Storage calls that failed or were refused.");
        _backups = meter.CreateCounter<long>("inbox.backups", "{backup}", "Scheduled backups that ended.");
        _eventsDropped = meter.CreateCounter<long>("inbox.lane.dropped", "{event}", "Events that a full queue turned into 'you missed something'.");
        _ingested = meter.CreateCounter<long>("inbox.ingest.done", "{entry}", "Entries of Redis Streams that are in their inboxes and were removed from the stream.");
        _ingestRefused = meter.CreateCounter<long>("inbox.ingest.refused", "{entry}", "Entries of Redis Streams that were refused and are kept beside the stream.");
        _dueDelay = meter.CreateHistogram<double>("inbox.due.delay", "s", "How late scheduled and snoozed notifications came.", advice: _times);
        _webhooks = meter.CreateCounter<long>("inbox.webhooks", "{attempt}", "Events that an endpoint took (sent), that failed and are tried again, and that were dropped.");
        _tookIn = meter.CreateCounter<long>("inbox.announcements.taken", "{announcement}", "Announcements that inboxes have taken in.");
        _topicsAtWork = meter.CreateUpDownCounter<long>("inbox.topics.at_work", "{topic}", "Topics whose jobs are being done.");
        _topicReached = meter.CreateCounter<long>("inbox.topics.users", "{user}", "Users whom jobs of topics have reached, who have muted it, and whose inbox refused.");
        meter.CreateObservableGauge("inbox.ingest.lag", () => _ingestLag.Select(of => new Measurement<long>(of.Value, Tag(of.Key))), "{entry}", "Entries that wait in a Redis Stream, as of the last look of its reader on this silo.");
    }

    /// <param name="result">done, failed</param>
    public void BackedUp(string result) => _backups.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Appended(int count, TimeSpan took)
    {
        _appended.Add(count);
        if (_appendLatency.Enabled) _appendLatency.Record(took.TotalSeconds);
    }

    /// <param name="connections">How many live connections were handed the notification.</param>
    /// <param name="sinceAppended">Null for a notification that was replayed from the log.</param>
    public void Delivered(int connections, TimeSpan? sinceAppended)
    {
        _delivered.Add(connections);
        if (sinceAppended is { } latency && _deliveryLatency.Enabled) _deliveryLatency.Record(latency.TotalSeconds);
    }

    public void TookIn(long count) => _tookIn.Add(count);
    public void LiveConnections(int change) => _liveConnections.Add(change);
    public void WatchedUsers(int change) => _watchedUsers.Add(change);
    public void Activations(int change) => _activations.Add(change);
    public void CutOff() => _cutOff.Add(1);
    public void EventDropped() => _eventsDropped.Add(1);

    /// <param name="result">sent, failed, dropped</param>
    public void Webhook(string result) => _webhooks.Add(1, new KeyValuePair<string, object?>("result", result));

    public void TopicsAtWork(int change) => _topicsAtWork.Add(change);

    /// <param name="done">Of a page.</param>
    public void TopicReached(TopicProgress done)
    {
        foreach (var (result, count) in (ReadOnlySpan<(string, long)>)[("reached", done.Reached), ("muted", done.Muted), ("failed", done.Failed)])
            if (count > 0) _topicReached.Add(count, new KeyValuePair<string, object?>("result", result));
    }

    /// <param name="late">Of each that came.</param>
    public void Due(IEnumerable<TimeSpan> late)
    {
        foreach (var one in late) _dueDelay.Record(Math.Max(0, one.TotalSeconds));
    }

    /// <param name="stream">That publishers write to.</param>
    /// <param name="done">Entries that were removed from it.</param>
    /// <param name="refused">Likewise.</param>
    /// <param name="lag">Entries that wait in it.</param>
    public void Ingested(string stream, int done, int refused, long lag)
    {
        if (done > 0) _ingested.Add(done, Tag(stream));
        if (refused > 0) _ingestRefused.Add(refused, Tag(stream));
        _ingestLag[stream] = lag;
    }

    /// <summary>Another silo reads it from now on, and tells its lag.</summary>
    public void IngestEnded(string stream) => _ingestLag.TryRemove(stream, out _);

    /// <param name="operation">append, marks, open, read, …</param>
    public void StorageFailed(string operation) => _storageFailures.Add(1, new KeyValuePair<string, object?>("operation", operation));

    private static KeyValuePair<string, object?> Tag(string stream) => new("stream", stream);
}
