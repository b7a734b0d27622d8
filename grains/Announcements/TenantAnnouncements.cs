using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInbox.Storage;

namespace OrleansInbox.Announcements;

/// <summary>The announcements of one tenant, as this silo has read them from storage.</summary>
public sealed class TenantAnnouncements(string tenant, IGrainStorage storage)
{
    public const string StateName = "announcements";

    public static readonly IReadOnlyList<OpenAnnouncement> None = [];

    private static readonly GrainType _grain = GrainType.Create("announcements");

    private readonly GrainId _id = GrainId.Create(_grain, tenant);
    private readonly Lock _lock = new();
    private Task _reading = Task.CompletedTask;
    private Task? _next;
    private string? _tag;

    public string Tenant => tenant;

    /// <summary>How many inboxes of this silo may take them in.</summary>
    internal int Inboxes;

    /// <summary>Another object after each change. Oldest first; the same empty one as long as there are none.</summary>
    public IReadOnlyList<OpenAnnouncement> All { get; private set; } = None;

    /// <summary>Reads what storage has now, or later. Who asks while it is being read waits for one more read, all of them for the same.</summary>
    public Task Refresh()
    {
        lock (_lock) return _reading.IsCompleted ? _reading = Read() : _next ??= ReadNext(_reading);
    }

    private async Task ReadNext(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task next;
        lock (_lock) (_next, next) = (null, _reading = Read());
        await next;
    }

    private async Task Read()
    {
        if (await ((IStateTags)storage).TagOf(StateName, _id) == _tag) return;
        var state = new GrainState<AnnouncementsState>(new());
        await storage.ReadStateAsync(StateName, _id, state);
        // An inbox that nobody looks at keeps the list that it knew: what has not changed is the same object in all of them.
        var before = All.ToDictionary(one => one.Id);
        All = [.. (state.State?.All ?? []).Select(record => before.TryGetValue(record.Id, out var same) && same.IsRetracted == record.Retracted ? same : OpenAnnouncement.Of(record))];
        _tag = state.ETag;
    }
}
