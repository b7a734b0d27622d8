using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Announcements;

/// <summary>The announcements that concern inboxes of this silo: looked for each second, and told what became of them.</summary>
public sealed partial class SiloAnnouncements(IServiceProvider services, IGrainFactory grains, TimeProvider time, ILogger<SiloAnnouncements> logger) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, TenantAnnouncements> _tenants = new(StringComparer.Ordinal);
    private readonly LogThrottle _warnings = new(time);
    private ConcurrentDictionary<(string Tenant, long Id), AnnouncementCount> _counts = new();

    /// <summary>For an inbox, until <see cref="Leave"/>.</summary>
    public TenantAnnouncements Join(string tenant)
    {
        var of = _tenants.GetOrAdd(tenant, static (tenant, services) => new(tenant, services.GetRequiredKeyedService<IGrainStorage>(InboxLimits.StateProvider)), services);
        Interlocked.Increment(ref of.Inboxes);
        return of;
    }

    public static void Leave(TenantAnnouncements tenant) => Interlocked.Decrement(ref tenant.Inboxes);

    public void Count(string tenant, AnnouncementCount more) => _counts.AddOrUpdate((tenant, more.Id), more, (_, before) => before + more);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll([.. _tenants.Values.Where(tenant => Volatile.Read(ref tenant.Inboxes) > 0).Select(Refresh), .. Interlocked.Exchange(ref _counts, new()).GroupBy(count => count.Key.Tenant).Select(Tell)]);
        }
    }

    private async Task Refresh(TenantAnnouncements tenant)
    {
        try
        {
            await tenant.Refresh();
        }
        catch (Exception failure) // storage is away: looked for again
        {
            if (_warnings.ShouldLog()) LogAway(failure.Message);
        }
    }

    private async Task Tell(IGrouping<string, KeyValuePair<(string, long), AnnouncementCount>> tenant)
    {
        try
        {
            await grains.GetGrain<IAnnouncementsGrain>(tenant.Key).Count([.. tenant.Select(count => count.Value)]);
        }
        catch (Exception failure) // whether they were counted is not known: told again, they might be counted twice
        {
            if (_warnings.ShouldLog()) LogLost(tenant.Key, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Announcements cannot be read now, and are looked for again: {Reason} (Further failures of the next seconds are not logged.)")]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some receipts of announcements of tenant {Tenant} are not counted: {Reason} (Further failures of the next seconds are not logged.)")]
    private partial void LogLost(string tenant, string reason);
}
