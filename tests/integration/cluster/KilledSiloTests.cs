using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansInbox.Tests.Cluster;

public sealed class KilledSiloTests
{
    [Fact]
    public async Task A_silo_whose_process_has_ended_is_dead_at_once_and_not_after_missed_probes()
    {
        await using var cluster = await ClusterFixture.Open();
        var silo = await cluster.Silo("one", "--Logging:LogLevel:OrleansInbox.KilledSilos=Warning");
        using var log = new CollectedLog();
        silo.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await using var other = await SiloProcess.Start(cluster.SiloArguments());
        var membership = silo.Services.GetRequiredService<IClusterMembershipService>();
        SiloAddress[] With(SiloStatus status) => [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == status).Select(member => member.SiloAddress)];
        await Eventually.Is(() => Task.FromResult(With(SiloStatus.Active).Length == 2), "both to be members");
        var victim = With(SiloStatus.Active).Single(address => address != silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetRuntimeStatistics([victim]); // there is a connection now
        await other.Kill();
        await Eventually.Is(() => Task.FromResult(With(SiloStatus.Dead).Contains(victim)), "the killed silo to be dead");
        Assert.Single(log.Messages, message => message.Contains($"The process of silo {victim} has ended", StringComparison.Ordinal));
    }
}
