using Microsoft.Extensions.Logging;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Ingest;

/// <summary>
/// Reads one stream: takes a batch, appends it, and hands in what came of it with the call for the next one. It keeps nothing that the next reader needs. What it did not
/// hand in is given to the next one, and appended again to no effect. Should two read at the same time, each has all earlier entries of an inbox stored before it appends
/// one, so that the order holds.
/// </summary>
/// <remarks>An empty stream is looked at after a pause, by a script that finds its length to be 0 and does nothing. XREADGROUP BLOCK would need a connection for each stream,
/// because it holds up all that is sent behind it.</remarks>
internal sealed partial class IngestReader(IngestStream stream, IngestServices services)
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _away = TimeSpan.FromSeconds(0.5);

    private readonly RedisIngest _entries = new(services.Redis, stream, services.Options.RefusedLength);
    private readonly IngestAppends _appends = new(stream, services);

    /// <summary>Until <paramref name="stop"/>; then what is done is handed in, and what is not is left to the next reader.</summary>
    public async Task Run(CancellationToken stop)
    {
        var finished = IngestOutcome.None;
        var pause = _firstPause;
        while (!stop.IsCancellationRequested)
        {
            if (await Next(finished, services.Options.Batch) is not { } batch)
            {
                await Wait(_away, stop);
                continue;
            }
            finished = IngestOutcome.None;
            if (batch.Count > 0)
            {
                finished = await _appends.Append(batch, stop);
                pause = _firstPause;
                continue;
            }
            await Wait(pause, stop);
            pause = pause * 2 < services.Options.Poll ? pause * 2 : services.Options.Poll;
        }
        if (!finished.IsEmpty) await Next(finished, wanted: 0);
        services.Metrics.IngestEnded(stream.Name);
    }

    /// <returns>Null: Redis is away.</returns>
    private async Task<List<WrittenEntry>?> Next(IngestOutcome finished, int wanted)
    {
        try
        {
            var (length, entries) = await _entries.Next(finished, wanted);
            services.Metrics.Ingested(stream.Name, finished.Done.Count, finished.Refused.Count, length);
            foreach (var (id, reason) in finished.Refused)
                if (services.Warnings.ShouldLog()) LogRefused(services.Logger, stream.Name, id, stream.Refused, reason);
            return entries;
        }
        catch (StorageUnavailableException away)
        {
            if (services.Warnings.ShouldLog()) LogAway(services.Logger, away, stream.Name);
            return null;
        }
    }

    private async Task Wait(TimeSpan pause, CancellationToken stop) =>
        await Task.Delay(pause, services.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream} cannot be read now. (Further failures of the next seconds are not logged.)")]
    private static partial void LogAway(ILogger logger, Exception failure, string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream}: entry {Entry} is refused and kept in {Refused}: {Reason} (Further ones of the next seconds are not logged.)")]
    private static partial void LogRefused(ILogger logger, string stream, string entry, string refused, string reason);
}
