using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansInbox.Storage;
using OrleansInbox.Topics;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Due;

/// <summary>Looks at one part of the index each second, and calls the inboxes and topics that have something due, side by side and a bounded number of them. It keeps nothing: what it has
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

    private static readonly TimeSpan _whileWorking = TimeSpan.FromSeconds(5);

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
                if (services.Warnings.ShouldLog()) LogAway(services.Logger, away.Message);
            }
            if (!more) await Task.Delay(services.Options.DuePoll, services.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task Wake(IReadOnlyList<DueItem> due, CancellationToken stop)
    {
        foreach (var one in due.Where(item => Waiting.KindOf(item.Id) == WaitingKind.Event))
        {
            await services.Waiting.Postpone([one], services.Clock.Now + WebhookSender.Lease); // first, because the sender may be quick: it settles or postpones it
            if (await services.Webhooks.Take(one) is { } again) await services.Waiting.Postpone([one], again);
        }
        var grains = new Queue<IGrouping<(string Key, bool IsTopic), DueItem>>(due.Where(item => Waiting.KindOf(item.Id) != WaitingKind.Event).GroupBy(item => (item.Inbox, Waiting.KindOf(item.Id) == WaitingKind.Topic)));
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_underWay, grains.Count)).Select(_ => Work()).ToArray());

        async Task Work()
        {
            while (!stop.IsCancellationRequested && grains.TryDequeue(out var grain)) await Wake(grain.Key.Key, grain.Key.IsTopic, [.. grain]);
        }
    }

    private async Task Wake(string key, bool isTopic, List<DueItem> items)
    {
        try
        {
            await (isTopic ? WakeTopic(key, items) : WakeInbox(key, items));
        }
        catch (Exception failure) // its silo is away, or storage is
        {
            if (services.Warnings.ShouldLog()) LogWaits(services.Logger, failure, isTopic ? "Topic" : "Inbox", key);
            await Later(items);
        }
    }

    /// <summary>A topic is called again while it works: should its silo die, another one goes on.</summary>
    private async Task WakeTopic(string topic, List<DueItem> items)
    {
        var isWorking = await services.Topics.GetGrain<ITopicGrain>(topic).KeepWorking();
        var now = services.Clock.Now;
        // When it has no job, all of them are done; or one is announced, and not there yet.
        var done = items.FindAll(item => !isWorking && item.DueAt < now - _announced);
        await services.Waiting.Settle(done);
        await services.Waiting.Postpone([.. items.Except(done)], now + (isWorking ? _whileWorking : _announced));
    }

    private async Task WakeInbox(string inbox, List<DueItem> items)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is due cannot be read now, and comes later: {Reason} (Further failures of the next seconds are not logged.)")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Key} does not take what is due; it is called again. (Further failures of the next seconds are not logged.)")]
    private static partial void LogWaits(ILogger logger, Exception failure, string kind, string key);
}
