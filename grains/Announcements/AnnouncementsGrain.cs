using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orleans.Runtime;
using OrleansInbox.Storage;

namespace OrleansInbox.Announcements;

/// <summary>Writes the announcements of one tenant; the ETag of the state lets one activation write.</summary>
[GrainType("announcements")]
internal sealed class AnnouncementsGrain(
    [PersistentState(TenantAnnouncements.StateName, InboxLimits.StateProvider)] IPersistentState<AnnouncementsState> announcements,
    [PersistentState("announcement-counts", InboxLimits.StateProvider)] IPersistentState<AnnouncementCounts> counts,
    InboxOptions options, TimeProvider time) : Grain, IAnnouncementsGrain
{
    private const int _maxOpen = 100;

    /// <summary>With those that are over, and those that are retracted: inboxes that have one have to learn of it until it expires.</summary>
    private const int _most = 1_000;

    /// <summary>How long one is shown after its expiry.</summary>
    private static readonly TimeSpan _shown = TimeSpan.FromDays(30);

    private List<AnnouncementRecord> All => announcements.State.All;

    public async Task<Announced> Announce(NewAnnouncement announcement, DateTimeOffset? deadline)
    {
        var now = InTime(deadline);
        var notification = announcement.Notification;
        if (NotificationRules.Check(notification, now) is { } errors) throw new InvalidNotificationException(errors);
        var json = NotificationJson.Render(notification, now);
        var key = notification.IdempotencyKey is { } given ? IdempotencyHash.Text(given) : null;
        var said = $"{NotificationJson.Fingerprint(json)}{(announcement.Newcomers ? "" : " none")}";
        if (key is not null && All.Find(one => one.Key == key && one.Id > (now - InboxLimits.IdempotencyWindow).ToUnixTimeMilliseconds()) is { } first)
            return first.Said == said ? new(first.Id, Replayed: true) : throw new KeyReusedException(default, Name(first.Id));
        bool IsOver(AnnouncementRecord one) => one.ExpiresAt <= now.ToUnixTimeMilliseconds();
        var kept = All.FindAll(one => !IsOver(one) || (!one.Retracted && one.ExpiresAt > (now - _shown).ToUnixTimeMilliseconds()));
        if (kept.Count(one => !one.Retracted && !IsOver(one)) >= _maxOpen) throw new TooManyWaitingException($"There are {_maxOpen} open announcements; one has to be retracted or to expire first.");
        while (kept.Count >= _most && kept.FindIndex(IsOver) is >= 0 and var oldest) kept.RemoveAt(oldest);
        if (kept.Count >= _most) throw new TooManyWaitingException($"{_most:N0} announcements are open or retracted; one has to expire first.");
        var id = Math.Max(now.ToUnixTimeMilliseconds(), All.Count > 0 ? All[^1].Id + 1 : 0);
        await Write([.. kept, new()
        {
            Id = id, Json = Encoding.UTF8.GetString(json), ExpiresAt = notification.ExpiresAt!.Value.ToUnixTimeMilliseconds(), Newcomers = announcement.Newcomers,
            Mandatory = notification.Mandatory, Key = key, Said = key is null ? null : said,
            Name = key is null ? null : IdempotencyHash.Text($"{key} {said} {All.FindLast(one => one.Key == key)?.Id}"), // a key may be used again after its time
        }]);
        return new(id, Replayed: false);
    }

    public async Task<bool> Retract(long id, DateTimeOffset? deadline)
    {
        InTime(deadline);
        if (All.Find(one => one.Id == id) is not { } record) return false;
        if (!record.Retracted) await Write(All.ConvertAll(one => one.Id == id ? one with { Retracted = true, Json = "{}" } : one)); // nobody is shown it any more
        return true;
    }

    public Task<byte[]?> Get(long id) => Task.FromResult(All.Find(one => one.Id == id && !one.Retracted) is { } record ? Render(json => Render(json, record)) : null);

    public Task<byte[]> List() => Task.FromResult(Render(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var record in All.AsEnumerable().Reverse().Where(one => !one.Retracted)) Render(json, record);
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    public async Task Count(AnnouncementCount[] more)
    {
        var of = new Dictionary<long, long[]>(counts.State.OfId.Where(count => All.Exists(one => one.Id == count.Key)));
        foreach (var one in more.Where(count => All.Exists(one => one.Id == count.Id)))
        {
            var before = of.GetValueOrDefault(one.Id) ?? new long[3];
            of[one.Id] = [before[0] + one.Delivered, before[1] + one.Seen, before[2] + one.Read];
        }
        counts.State = new() { OfId = of };
        await Stored(counts.WriteStateAsync());
    }

    private DateTimeOffset InTime(DateTimeOffset? deadline)
    {
        var now = time.GetUtcNow();
        return now > deadline ? throw new TimeoutException("The request came after its sender had stopped waiting for it.") : now;
    }

    private Task Write(List<AnnouncementRecord> all)
    {
        announcements.State = new() { All = all };
        return Stored(announcements.WriteStateAsync());
    }

    /// <summary>When that fails, memory may be ahead of storage: another activation reads it.</summary>
    private async Task Stored(Task write)
    {
        try
        {
            await write.WaitAsync(options.StorageTimeout, time);
        }
        catch (Exception failure)
        {
            DeactivateOnIdle();
            throw new StorageUnavailableException("Storage did not answer; whether it was stored is not known. Repeat the request with its Idempotency-Key.", failure) { Uncertain = true };
        }
    }

    private static byte[] Render(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer, NotificationJson.WriterOptions)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private void Render(Utf8JsonWriter json, AnnouncementRecord record)
    {
        json.WriteStartObject();
        json.WriteString("id", Name(record.Id));
        json.WriteString("createdAt", NotificationJson.Time(DateTimeOffset.FromUnixTimeMilliseconds(record.Id)));
        json.WriteString("expiresAt", NotificationJson.Time(DateTimeOffset.FromUnixTimeMilliseconds(record.ExpiresAt)));
        json.WriteBoolean("newcomers", record.Newcomers);
        json.WritePropertyName("notification");
        json.WriteRawValue(record.Json, skipInputValidation: true);
        var of = counts.State.OfId.GetValueOrDefault(record.Id) ?? new long[3];
        json.WriteNumber("delivered", of[0]);
        json.WriteNumber("seen", of[1]);
        json.WriteNumber("read", of[2]);
        json.WriteEndObject();
    }

    private static string Name(long id) => id.ToString(CultureInfo.InvariantCulture);
}
