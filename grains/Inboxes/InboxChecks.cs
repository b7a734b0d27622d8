using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansInbox.Storage;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Inboxes;

/// <summary>
/// Whether a notification was seen, read or acted on, for the endpoints that want to know. A check waits in storage until the state decides it; then the event takes its place
/// in one write, so that there is one event for each, whatever is killed.
/// </summary>
internal sealed class InboxChecks(string inbox, InboxServices services, PageReader pages, Func<ValueTask<InboxState>> currentState, Func<ValueTask<InboxState>> storedState)
{
    private const int _maxItems = 50;
    private const int _maxBytes = 512 * 1024;

    /// <summary>What is due within that time goes into the same event.</summary>
    private static readonly TimeSpan _together = TimeSpan.FromMinutes(1);

    /// <summary>A check that a choice is about to be made looks for itself after that: the process that made it was killed before it could tell.</summary>
    private static readonly TimeSpan _choosing = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _firstReceipt = TimeSpan.FromMinutes(1), _lastReceipt = TimeSpan.FromHours(6);

    private readonly (string Tenant, string User) _name = InboxKey.Parse(inbox);

    /// <summary>Those that wait; null: storage knows.</summary>
    private IReadOnlyList<WaitingItem>? _receipts;

    private IWaitingStore Store => services.Waiting;

    private bool IsWanted(string name)
    {
        foreach (var endpoint in services.Webhooks.Endpoints)
            if (endpoint.Wants(name, _name.Tenant)) return true;
        return false;
    }

    /// <summary>What has to be looked at after an append. Announced, so that it is found when this process is killed after the append.</summary>
    public async Task<IReadOnlyList<NewCheck>> Begin(PublishOptions options)
    {
        var (now, checks) = (services.Time.GetUtcNow(), new List<NewCheck>(2));
        if (options.Fallback is { } fallback && IsWanted(WebhookOptions.Unseen))
            checks.Add(new(Waiting.NewId(WaitingKind.Unseen), Milliseconds(now + fallback.After), fallback.UnlessRead ? "read" : "seen"));
        if (options.Receipt && IsWanted(WebhookOptions.Read))
        {
            checks.Add(new(Waiting.NewId(WaitingKind.Receipt), Milliseconds(now + _firstReceipt), ""));
            _receipts = null;
        }
        if (checks.Count > 0) await Store.Announce([.. checks.Select(check => new DueItem(inbox, check.Id, check.DueAt))]);
        return checks;
    }

    /// <summary>A choice is about to be made: whatever becomes of this process, it is told when it was.</summary>
    public async Task<WaitingItem?> BeginChoice(NotificationId id)
    {
        if (!IsWanted(WebhookOptions.Acted)) return null;
        var check = new WaitingItem((char)WaitingKind.Acted + id.ToString(), Milliseconds(services.Time.GetUtcNow() + _choosing), Encoding.ASCII.GetBytes($"\"{id}\"")); // one for each notification
        await Store.Announce([new(inbox, check.Id, check.DueAt)]);
        await Store.Replace(inbox, [], [check]);
        return check;
    }

    /// <summary>Marks have changed: what was published with a receipt may be read. In the background; what fails is looked at when its check is due.</summary>
    public void MarksChanged()
    {
        if (IsWanted(WebhookOptions.Read)) _ = TellReceipts();
    }

    /// <summary>Looks at these now. In the background likewise.</summary>
    public void LookNow(WaitingItem check) => _ = Quietly(() => Look([check], isDue: false));

    /// <summary>Looks at what is due.</summary>
    /// <returns>The checks that are done, and when to look again at others.</returns>
    public Task<(List<string> Done, Dictionary<string, DateTimeOffset> Later)> Look(IReadOnlyList<WaitingItem> checks) => Look(checks, isDue: true);

    private async Task<(List<string> Done, Dictionary<string, DateTimeOffset> Later)> Look(IReadOnlyList<WaitingItem> checks, bool isDue)
    {
        var (done, later) = (new List<string>(), new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal));
        foreach (var kind in checks.GroupBy(check => check.Kind))
        {
            var now = services.Time.GetUtcNow();
            var (state, telling) = (await currentState(), new List<WaitingItem>());
            foreach (var check in kind)
            {
                switch (Decide(check, state, now, isDue))
                {
                    case { Tells: true }: telling.Add(check); break;
                    case { Again: { } at }: later[check.Id] = at; break;
                    default:
                        if (await Store.Replace(inbox, [check.Id], []) || isDue) done.Add(check.Id);
                        break;
                }
            }
            if (telling.Count == 0) continue;
            if (kind.Key == WaitingKind.Unseen)
                telling = [.. telling.UnionBy((await Store.List(inbox, WaitingKind.Unseen, WaitingPlace.Start, 2 * _maxItems)).Where(check => check.DueAt <= now + _together), check => check.Id)];
            var told = await Tell(kind.Key, [.. telling.OrderBy(check => IdOf(check))]);
            done.AddRange(told);
            foreach (var check in telling.Where(check => !told.Contains(check.Id))) later[check.Id] = now; // the next event has room for them
        }
        return (done, later);
    }

    /// <summary>One event for each endpoint that wants it.</summary>
    /// <returns>The checks that are done; those that did not fit into it are not.</returns>
    private async Task<IReadOnlyCollection<string>> Tell(WaitingKind kind, List<WaitingItem> checks)
    {
        var entries = new List<(WaitingItem Check, long Seq, byte[] Json)>();
        var (state, bytes) = (await currentState(), 0);
        foreach (var check in checks.Take(_maxItems))
        {
            if (IdOf(check) is var id && id.Epoch == state.Epoch && await pages.Get(state, id.Seq) is { } json) entries.Add((check, id.Seq, json));
            if ((bytes += entries.Count > 0 ? entries[^1].Json.Length : 0) > _maxBytes) break;
        }
        state = await storedState(); // meanwhile some may have been seen, also elsewhere
        var now = services.Time.GetUtcNow();
        entries.RemoveAll(entry => !Decide(entry.Check, state, now, isDue: false).Tells);
        if (entries.Count == 0) return [];
        var (name, payload) = (NameOf(kind), Payload(NameOf(kind), state, now, entries));
        var events = services.Webhooks.Endpoints.Where(endpoint => endpoint.Wants(name, _name.Tenant)).Select(endpoint => WebhookEvent.Waiting(endpoint, payload, Milliseconds(now))).ToList();
        await Store.Announce([.. events.Select(one => new DueItem(inbox, one.Id, one.DueAt))]);
        await Store.Replace(inbox, [.. entries.Select(entry => entry.Check.Id)], events); // false: another activation has told
        return [.. entries.Select(entry => entry.Check.Id)];
    }

    private static (bool Tells, DateTimeOffset? Again) Decide(WaitingItem check, InboxState state, DateTimeOffset now, bool isDue)
    {
        var id = IdOf(check);
        if (!state.IsKept(id)) return default;
        switch (check.Kind)
        {
            case WaitingKind.Unseen:
                if (state.IsArchived(id.Seq) || (check.Options == "read" ? state.IsRead(id.Seq) : state.IsSeen(id.Seq))) return default;
                return state.Preferences?.Quiet?.EndAfter(now) is { } end && end > now && isDue ? (false, end) : (true, null);
            case WaitingKind.Receipt:
                var waited = now - check.DueAt + _firstReceipt;
                return state.IsRead(id.Seq) ? (true, null) : (false, now + (waited < _lastReceipt ? waited : _lastReceipt));
            default:
                return state.ActedOf(id.Seq) is not null ? (true, null) : (false, isDue ? null : now + _choosing);
        }
    }

    private async Task TellReceipts() => await Quietly(async () =>
    {
        _receipts ??= await Store.List(inbox, WaitingKind.Receipt, WaitingPlace.Start, InboxLimits.MaxWaiting);
        var state = await currentState();
        if (_receipts?.Where(check => IdOf(check) is var id && state.IsKept(id) && state.IsRead(id.Seq)).Take(_maxItems).ToList() is not { Count: > 0 } read) return;
        var (done, _) = await Look(read, isDue: false);
        _receipts = _receipts?.Where(check => !done.Contains(check.Id)).ToList();
    });

    private static async Task Quietly(Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception failure) when (failure is StorageUnavailableException or Orleans.Storage.InconsistentStateException) // counted and logged where it happened; the check is due later
        {
        }
    }

    private byte[] Payload(string name, InboxState state, DateTimeOffset now, List<(WaitingItem Check, long Seq, byte[] Json)> entries)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using var json = new Utf8JsonWriter(buffer, NotificationJson.WriterOptions);
        json.WriteStartObject();
        json.WriteString("type"u8, name);
        json.WriteString("timestamp"u8, NotificationJson.Time(now));
        json.WriteStartObject("data"u8);
        json.WriteString("tenant"u8, _name.Tenant);
        json.WriteString("user"u8, _name.User);
        json.WriteStartArray("items"u8);
        foreach (var (_, seq, stored) in entries)
        {
            var item = EventJson.Buffer();
            NotificationJson.WriteItem(item, new(state.Epoch, seq), stored, state.FlagsOf(seq));
            json.WriteRawValue(item.WrittenSpan, skipInputValidation: true);
        }
        json.WriteEndArray();
        var counts = EventJson.Buffer();
        NotificationJson.WriteCounts(counts, state.Counts);
        json.WritePropertyName("counts"u8);
        json.WriteRawValue(counts.WrittenSpan, skipInputValidation: true);
        json.WritePropertyName("channels"u8);
        using (var preferences = JsonDocument.Parse((state.Preferences ?? Preferences.None).ToJson())) preferences.RootElement.GetProperty("channels").WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string NameOf(WaitingKind kind) => kind switch { WaitingKind.Unseen => WebhookOptions.Unseen, WaitingKind.Receipt => WebhookOptions.Read, _ => WebhookOptions.Acted };

    private static NotificationId IdOf(WaitingItem check) => NotificationId.TryParse(Encoding.ASCII.GetString(check.Json.AsSpan(1, check.Json.Length - 2)), out var id) ? id : default;

    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
