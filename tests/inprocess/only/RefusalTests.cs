using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansInbox.Tests.InProcess;

public sealed class RefusalTests
{
    [Fact]
    public async Task Clustering_by_redis_is_refused_at_start() =>
        await Refused(builder => builder.UseOrleans(silo => silo.UseRedisClustering("localhost:6379")));

    [Fact]
    public async Task A_client_without_a_silo_is_refused_at_start() =>
        await Refused(builder => builder.UseOrleansClient(client => client.UseLocalhostClustering()));

    private static async Task Refused(Action<HostApplicationBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder);
        using var host = builder.Build();
        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());
        Assert.Contains("-p:OrleansRuntime=Microsoft", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
