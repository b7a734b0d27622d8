using System.Buffers;
using System.Text;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>What waits for its time. Nothing of it is in memory.</summary>
internal sealed class WaitingNotifications(string inbox, InboxServices services, AppendQueue appends, InboxChecks checks)
{
    private IWaitingStore Store => services.Waiting;

    public async Task<Appended> Schedule(NewNotification notification, DateTimeOffset now)
    {
        var item = new WaitingItem(Waiting.NewId(WaitingKind.Scheduled), Milliseconds(notification.DeliverAt!.Value), NotificationJson.Render(notification, now)) { Options = PublishOptions.Of(notification).ToString() };
        var due = new DueItem(inbox, item.Id, item.DueAt);
        var hash = notification.IdempotencyKey is null || notification.KeyIsForRetries ? null : NotificationJson.Fingerprint(item.Json, notification.DeliverAt);
        await Store.Announce([due]);
        var known = await Store.Schedule(inbox, item, notification.IdempotencyKey, hash, notification.KeyIsForRetries ? InboxLimits.RetryWindow : InboxLimits.IdempotencyWindow);
        if (known is { KnownScheduled: null, KnownPublished: null }) return new Appended { Id = default, CreatedAt = now, Scheduled = item.Id };
        await Store.Settle([due]);
        if (hash is not null && known.KeyHash is { } first && first != hash) throw new KeyReusedException(known.KnownPublished ?? default, known.KnownScheduled);
        return new Appended { Id = known.KnownPublished ?? default, CreatedAt = now, Replayed = true, Scheduled = known.KnownScheduled };
    }

    /// <returns>Those that were there; they are still to be removed from the inbox.</returns>
    public async Task<IReadOnlyList<long>> Snooze(long epoch, IReadOnlyList<long> seqs, DateTimeOffset until)
    {
        until = Milliseconds(until);
        await Store.Announce([.. seqs.Select(seq => new DueItem(inbox, new NotificationId(epoch, seq).ToString(), until))]);
        return await Store.Snooze(inbox, epoch, seqs, until);
    }

    /// <param name="ids">Those that do not wait are passed over.</param>
    /// <param name="now">What is due later waits on; null: nothing does.</param>
    /// <param name="preferences">What they mute does not come.</param>
    public async Task<Deliveries> Deliver(IReadOnlyList<string> ids, DateTimeOffset? now, Preferences? preferences)
    {
        var items = await Store.Read(inbox, ids);
        var later = items.Where(item => item.DueAt > now).ToDictionary(item => item.Id, item => item.DueAt, StringComparer.Ordinal);
        var due = items.Where(item => now is null || item.DueAt <= now).OrderBy(item => item.DueAt).ThenBy(item => item.Id, StringComparer.Ordinal).ToLookup(item => item.Kind is WaitingKind.Scheduled or WaitingKind.Snoozed);
        await Task.WhenAll(due[true].Select(item => Append(item, preferences)).ToArray());
        if (now is null) await Store.Settle([.. due[true].Select(item => new DueItem(inbox, item.Id, item.DueAt))]);
        var over = due[false].Where(item => item.Kind == WaitingKind.Announced).Select(item => item.Id).ToList();
        if (over.Count > 0) await Store.Replace(inbox, over, []);
        var (done, again) = due[false].Count() > over.Count ? await checks.Look([.. due[false].Where(item => item.Kind != WaitingKind.Announced)]) : ([], []);
        foreach (var (id, at) in again) later[id] = at;
        return new Deliveries { Delivered = [.. due[true].Select(item => item.Id), .. over, .. done], Later = later };
    }

    private async Task Append(WaitingItem item, Preferences? preferences)
    {
        var options = item.Kind == WaitingKind.Scheduled ? PublishOptions.Parse(item.Options) : PublishOptions.None;
        var isMuted = item.Kind == WaitingKind.Scheduled && !options.IsMandatory && preferences?.Mutes(NotificationJson.TypeOf(item.Json), NotificationJson.GroupOf(item.Json), options.Topic) is not null;
        if (isMuted) await Store.Withdraw(inbox, item.Id);
        else await appends.Append(item, options is { Fallback: null, Receipt: false } ? [] : await checks.Begin(options), options.IsMandatory);
    }

    public async Task<WaitingPage> List(WaitingQuery query)
    {
        var items = await Store.List(inbox, query.Snoozed ? WaitingKind.Snoozed : WaitingKind.Scheduled, query.After is { } text && WaitingPlace.TryParse(text, out var after) ? after : WaitingPlace.Start, query.Limit + 1);
        var buffer = EventJson.Buffer();
        buffer.Write("{\"items\":["u8);
        foreach (var item in items.Take(query.Limit))
        {
            if (buffer.WrittenCount > "{\"items\":["u8.Length) buffer.Write(","u8);
            NotificationJson.WriteWaiting(buffer, item.Id, query.Snoozed, item.DueAt, item.Json);
        }
        var next = items.Count > query.Limit ? WaitingPlace.Of(items[query.Limit - 1]).ToString() : null;
        buffer.Write(Encoding.ASCII.GetBytes(next is null ? "],\"next\":null}" : $"],\"next\":\"{next}\"}}"));
        return new WaitingPage { Json = buffer.WrittenSpan.ToArray(), Next = next };
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
