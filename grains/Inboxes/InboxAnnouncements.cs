using System.Text;
using Microsoft.Extensions.Logging;
using OrleansInbox.Announcements;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>Takes the tenant's announcements into the inbox. That one was taken in is written with the append, as something that waits: so it happens once.</summary>
/// <param name="inbox">The grain's key.</param>
/// <param name="services">Of the silo.</param>
/// <param name="appends">Of the inbox.</param>
/// <param name="remove">Removes entries of an epoch.</param>
/// <param name="reload">Another activation has written.</param>
internal sealed partial class InboxAnnouncements(string inbox, InboxServices services, AppendQueue appends, Func<long, long[], Task> remove, Action reload)
{
    private const int _page = 1_000;

    /// <summary>After one that failed, the inbox is read without it.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    private TenantAnnouncements? _tenant;
    private Task? _begun;
    private IReadOnlyList<OpenAnnouncement> _taken = TenantAnnouncements.None;
    private List<Receipt> _receipts = [];
    private Task _taking = Task.CompletedTask, _telling = Task.CompletedTask;
    private long _failedAt;

    private IWaitingStore Store => services.Waiting;

    /// <summary>There is something to take in, or to remove.</summary>
    public bool IsBehind => _begun is not { IsCompleted: true } || !ReferenceEquals(_tenant?.All, _taken) && (_failedAt == 0 || services.Time.GetElapsedTime(_failedAt) > _pause);

    /// <summary>Once somebody looks at the inbox: knows all that was announced until now. What cannot be read now is looked for later.</summary>
    public Task Begun() => _begun ??= Begin();

    private async Task Begin()
    {
        _tenant = services.Announcements.Join(inbox[..inbox.IndexOf('/', StringComparison.Ordinal)]);
        await _tenant.Refresh().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void End()
    {
        if (_tenant is { } tenant) SiloAnnouncements.Leave(tenant);
    }

    /// <summary>Once at a time; it does not throw.</summary>
    public Task TakeIn(InboxState state) => _taking.IsCompleted ? _taking = Take(state) : _taking;

    /// <summary>Marks have changed: of each announcement it is told once that it is seen, and that it is read. In the background; what fails is told after the next change.</summary>
    public void MarksChanged(InboxState state)
    {
        if (_receipts.Count == 0) return;
        foreach (var receipt in _receipts) receipt.Look(state);
        if (_telling.IsCompleted && _receipts.Exists(receipt => receipt.IsToTell)) _telling = Tell();
    }

    private async Task Take(InboxState state)
    {
        var all = _tenant!.All;
        try
        {
            var (now, receipts, gone) = (services.Clock.Now, new List<Receipt>(), new List<long>());
            var open = all.Where(announcement => announcement.ExpiresAt > now).ToList();
            var told = open.Count == 0 ? [] : await Told();
            if (told.Where(item => item.DueAt < now).Select(item => item.Id).ToList() is { Count: > 0 } over) await Store.Replace(inbox, over, []);
            var known = told.ToDictionary(item => item.Id, StringComparer.Ordinal);
            foreach (var announcement in open)
            {
                if (known.TryGetValue(announcement.WaitingId, out var before))
                {
                    if (IdOf(before) is not { } id) continue;
                    if (id > state.HeadId) reload();
                    if (!state.IsKept(id)) continue;
                    if (announcement.IsRetracted) gone.Add(id.Seq);
                    else receipts.Add(new(announcement, id, before.Options));
                }
                else if (!announcement.IsRetracted && await Append(announcement, state) is { } appended)
                {
                    if (appended.Replayed) reload(); // it was not there a moment ago
                    else receipts.Add(new(announcement, appended.Id, ""));
                    Count(announcement, appended.Replayed ? 0 : 1, false, false);
                }
            }
            if (gone.Count > 0) await remove(state.Epoch, [.. gone]);
            (_taken, _receipts, _failedAt) = (all, receipts, 0);
            MarksChanged(state);
        }
        catch (Exception failure)
        {
            _failedAt = services.Time.GetTimestamp();
            LogNotTaken(services.Logger, services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, inbox);
        }
    }

    /// <summary>All that the inbox has taken in and remembers. Few are open at once, but those that were retracted or are over for less than two days are remembered too: there may be any number.</summary>
    private async Task<List<WaitingItem>> Told()
    {
        var told = new List<WaitingItem>();
        for (var place = WaitingPlace.Start; ; place = WaitingPlace.Of(told[^1]))
        {
            var page = await Store.List(inbox, WaitingKind.Announced, place, _page);
            told.AddRange(page);
            if (page.Count < _page) return told;
        }
    }

    /// <returns>Null when it is not for this inbox.</returns>
    private async ValueTask<Appended?> Append(OpenAnnouncement announcement, InboxState state)
    {
        if (!announcement.IsForNewcomers && (state.Epoch == 0 || state.Epoch > announcement.Id)) return null;
        if (announcement.IsMandatory || state.Preferences?.Mutes(announcement.Type, announcement.Group) is null) return await appends.Append(announcement);
        await Store.Replace(inbox, [], [new(announcement.WaitingId, announcement.RememberedUntil, "\"\""u8.ToArray())]); // judged once
        return null;
    }

    /// <summary>That it is told is stored before, so that no inbox is counted twice.</summary>
    private async Task Tell()
    {
        try
        {
            while (_receipts.Find(receipt => receipt.IsToTell) is { } receipt)
            {
                var (isSeen, isRead, options) = (receipt.IsSeen && !receipt.ToldSeen, receipt.IsRead && !receipt.ToldRead, receipt.Told());
                var item = new WaitingItem(receipt.Announcement.WaitingId, receipt.Announcement.RememberedUntil, Encoding.ASCII.GetBytes($"\"{receipt.Id}\"")) { Options = options };
                if (await Store.Replace(inbox, [item.Id], [item])) Count(receipt.Announcement, 0, isSeen, isRead);
            }
        }
        catch (StorageUnavailableException away)
        {
            LogNotTold(services.Logger, services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, away, inbox);
        }
    }

    private void Count(OpenAnnouncement announcement, long delivered, bool isSeen, bool isRead)
    {
        if (delivered > 0 || isSeen || isRead) services.Announcements.Count(_tenant!.Tenant, new(announcement.Id, delivered, isSeen ? 1 : 0, isRead ? 1 : 0));
        services.Metrics.TookIn(delivered);
    }

    private static NotificationId? IdOf(WaitingItem told) => NotificationId.TryParse(Encoding.ASCII.GetString(told.Json).Trim('"'), out var id) ? id : null;

    [LoggerMessage(Message = "Inbox {Inbox} cannot take in announcements now; it is read without them. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void LogNotTaken(ILogger logger, LogLevel level, Exception failure, string inbox);

    [LoggerMessage(Message = "Inbox {Inbox}: what was seen of announcements is counted later. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void LogNotTold(ILogger logger, LogLevel level, Exception failure, string inbox);

    /// <summary>Whether the user has seen and read one, at any time.</summary>
    /// <param name="told">Of what waits: <c>seen</c>, <c>read</c>.</param>
    private sealed class Receipt(OpenAnnouncement announcement, NotificationId id, string told)
    {
        private const string _seen = "seen", _read = "read";

        public OpenAnnouncement Announcement => announcement;
        public NotificationId Id => id;
        public bool ToldSeen { get; private set; } = told.Contains(_seen, StringComparison.Ordinal);
        public bool ToldRead { get; private set; } = told.Contains(_read, StringComparison.Ordinal);
        public bool IsSeen { get; private set; }
        public bool IsRead { get; private set; }
        public bool IsToTell => IsSeen && !ToldSeen || IsRead && !ToldRead;

        public void Look(InboxState state)
        {
            if (!state.IsKept(id)) return;
            IsSeen |= state.IsSeen(id.Seq);
            IsRead |= state.IsRead(id.Seq);
        }

        public string Told()
        {
            (ToldSeen, ToldRead) = (ToldSeen || IsSeen, ToldRead || IsRead);
            return string.Join(',', ((string?[])[ToldSeen ? _seen : null, ToldRead ? _read : null]).Where(word => word is not null));
        }
    }
}
