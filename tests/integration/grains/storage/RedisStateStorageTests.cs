using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Storage;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>As <see cref="InboxStorageHosting"/> sets it up; in the layout of the runtime's own Redis persistence, which wrote it before.</summary>
public sealed class RedisStateStorageTests(RedisFixture redis) : StateStoreConformance, IClassFixture<RedisFixture>
{
    private IHost? _host;

    protected override async Task<IGrainStorage> Create()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new InboxOptions());
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Next(), FreePort.Next()).AddInboxStorage(new TopologyOptions { Redis = redis.Address }));
        _host = builder.Build();
        await _host.StartAsync();
        return _host.Services.GetRequiredKeyedService<IGrainStorage>(InboxLimits.StateProvider);
    }

    protected override async Task Close()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task The_state_lies_beside_the_log_as_plain_json()
    {
        var id = Orleans.Runtime.GrainId.Create("inbox", InboxKey.Of("t", "layout"));
        await Store.WriteStateAsync("marks", id, new Orleans.GrainState<InboxMarks>(new() { Version = 3, Read = "1-2" }));
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var json = (string?)await connection.GetDatabase().HashGetAsync("inbox:{t/layout}:marks", "data");
        Assert.Contains("\"version\":3,\"read\":\"1-2\"", json, StringComparison.Ordinal);
    }
}
