using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansInbox.Storage;

namespace OrleansInbox.Due;

/// <summary>Looks at one part of the index each second, and calls the inboxes that have something due, side by side and a bounded number of them. It keeps nothing: what it has
/// not done is found by the next one.</summary>
internal sealed partial class DueReader(int part, DueServices services)
{
    /// <summary>Taken from the index at a time.</summary>
    private const int _batch = 1_000;
    private const int _underWay = 64;

    /// <summary>An inbox, or its silo, that does not answer holds up no others.</summary>
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(2);

    /// <summary>By then nothing that the index announced is still on its way: longer than any storage call takes.</summary>
    private static readonly TimeSpan _announced = TimeSpan.FromMinutes(1);

    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var more = false;
            try
            {
                var due = await services.Waiting.Due(part, services.Clock.Now, _batch);
                if (due.Count > 0) await Wake(due, stop);
                more = due.Count == _batch;
            }
            catch (StorageUnavailableException away)
            {
                if (services.Warnings.ShouldLog()) LogAway(services.Logger, away);
            }
            if (!more) await Task.Delay(services.Options.DuePoll, services.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task Wake(IReadOnlyList<DueItem> due, CancellationToken stop)
    {
        foreach (var one in due.Where(item => Waiting.KindOf(item.Id) == WaitingKind.Event))
            await services.Waiting.Postpone([one], await services.Webhooks.Take(one)); // the sender settles it
        var inboxes = new Queue<IGrouping<string, DueItem>>(due.Where(item => Waiting.KindOf(item.Id) != WaitingKind.Event).GroupBy(item => item.Inbox, StringComparer.Ordinal));
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_underWay, inboxes.Count)).Select(_ => Work()).ToArray());

        async Task Work()
        {
            while (!stop.IsCancellationRequested && inboxes.TryDequeue(out var inbox)) await Wake(inbox.Key, [.. inbox]);
        }
    }

    private async Task Wake(string inbox, List<DueItem> items)
    {
        try
        {
            var now = services.Clock.Now;
            var outcome = await services.Inboxes.Get(inbox).Deliver([.. items.Select(item => item.Id)]);
            var delivered = items.FindAll(item => outcome.Delivered.Contains(item.Id));
            // What does not wait was withdrawn or has come before; or it is announced, and not there yet.
            var others = items.FindAll(item => !outcome.Delivered.Contains(item.Id) && !outcome.Later.ContainsKey(item.Id));
            if (delivered.Count > 0) services.Metrics.Due(delivered.Select(item => now - item.DueAt));
            await services.Waiting.Settle([.. delivered, .. others.Where(item => item.DueAt < now - _announced)]);
            foreach (var item in items)
                if (outcome.Later.TryGetValue(item.Id, out var at)) await services.Waiting.Postpone([item], at);
            await services.Waiting.Postpone([.. others.Where(item => item.DueAt >= now - _announced)], now + _announced);
        }
        catch (Exception failure) // its silo is away, or storage is
        {
            if (services.Warnings.ShouldLog()) LogWaits(services.Logger, failure, inbox);
            await Later(items);
        }
    }

    private async Task Later(List<DueItem> items)
    {
        try
        {
            await services.Waiting.Postpone(items, services.Clock.Now + _retry);
        }
        catch (StorageUnavailableException)
        {
            // They are due still, and found again.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is due cannot be read now, and comes later. (Further failures of the next seconds are not logged.)")]
    private static partial void LogAway(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Inbox {Inbox} does not take what is due; it is called again. (Further failures of the next seconds are not logged.)")]
    private static partial void LogWaits(ILogger logger, Exception failure, string inbox);
}
