using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Ingest;

/// <summary>
/// Appends a batch of entries: those of one inbox one after the other, because the next may only be stored when the one before is; inboxes side by side. What storage
/// does not take now is tried again until it does: the entry has a key, so that no attempt adds a second one.
/// </summary>
internal sealed partial class IngestAppends(IngestStream stream, IngestServices services)
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    /// <summary>Of a failure that does not say of storage or of silos: most likely the entry's own fault, which must not hold up all others for ever.</summary>
    private const int MaxUnexplained = 10;

    private readonly JsonBody.Parser<NewNotification> _parser = PublishBody.Parser(services.Time);

    /// <returns>Once all are done or refused, or after <paramref name="stop"/>: those that are.</returns>
    public async Task<IngestOutcome> Append(IReadOnlyList<WrittenEntry> entries, CancellationToken stop)
    {
        var (done, refused) = (new ConcurrentQueue<string>(), new ConcurrentQueue<(string, string)>());
        var chains = new OrderedDictionary<string, List<IngestEntry>>(StringComparer.Ordinal);
        foreach (var written in entries)
        {
            var entry = IngestEntry.Read(stream, written, _parser);
            if (entry.Refusal is { } refusal) refused.Enqueue((entry.Id, refusal));
            else if (chains.TryGetValue(entry.Inbox, out var chain)) chain.Add(entry);
            else chains.Add(entry.Inbox, [entry]);
        }
        var waiting = new ConcurrentQueue<List<IngestEntry>>(chains.Values);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(services.Options.UnderWay, waiting.Count)).Select(_ => Work()));
        return new(done, refused);

        async Task Work()
        {
            while (waiting.TryDequeue(out var chain))
            {
                foreach (var entry in chain)
                {
                    if (stop.IsCancellationRequested) return;
                    try
                    {
                        if (await Append(entry, stop) is { } reason) refused.Enqueue((entry.Id, reason));
                        else done.Enqueue(entry.Id);
                    }
                    catch (OperationCanceledException) when (stop.IsCancellationRequested)
                    {
                        return; // the next reader does it, and those behind it
                    }
                }
            }
        }
    }

    /// <returns>Why it is refused; null: it is in its inbox.</returns>
    private async Task<string?> Append(IngestEntry entry, CancellationToken stop)
    {
        var unexplained = 0;
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            try
            {
                await services.Inboxes.Get(entry.Inbox).Append(entry.Notification!);
                return null;
            }
            catch (InvalidNotificationException invalid)
            {
                return IngestEntry.Reason(invalid.Errors);
            }
            catch (KeyReusedException reused)
            {
                return "key: " + reused.Message;
            }
            catch (TooManyWaitingException full)
            {
                return "notification.deliverAt: " + full.Message;
            }
            catch (Exception failure) when (IsAway(failure) || ++unexplained < MaxUnexplained)
            {
                if (services.Warnings.ShouldLog()) LogWaits(services.Logger, failure, stream.Name, entry.Inbox);
                await Task.Delay(pause, services.Time, stop);
            }
            catch (Exception failure)
            {
                LogRefused(services.Logger, failure, stream.Name, entry.Id);
                return IngestEntry.Bounded("The inbox could not take it: " + failure.Message);
            }
        }
    }

    /// <summary>Storage, or a silo, which will be back. A call that was cancelled is one that Orleans gave up while it placed the grain.</summary>
    private static bool IsAway(Exception failure) => failure is StorageUnavailableException or TimeoutException or OrleansException or OperationCanceledException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream}: an append to inbox {Inbox} failed and is tried again. (Further failures of the next seconds are not logged.)")]
    private static partial void LogWaits(ILogger logger, Exception failure, string stream, string inbox);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stream {Stream}: entry {Entry} is refused, because its append fails again and again.")]
    private static partial void LogRefused(ILogger logger, Exception failure, string stream, string entry);
}
