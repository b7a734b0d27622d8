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
    public async Task States_that_are_read_at_the_same_time_each_have_their_own_answer()
    {
        Orleans.Runtime.GrainId[] ids = [.. Enumerable.Range(0, 300).Select(n => Orleans.Runtime.GrainId.Create("inbox", InboxKey.Of("t", $"together-{n}")))];
        await Task.WhenAll(ids.Select((id, n) => n % 3 == 0 ? Task.CompletedTask : Store.WriteStateAsync("marks", id, new Orleans.GrainState<InboxMarks>(new() { Version = n }))));
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await connection.GetDatabase().StringSetAsync("inbox:{t/together-150}:marks", "somebody else's");

        var states = Array.ConvertAll(ids, _ => new Orleans.GrainState<InboxMarks>());
        var reads = ids.Select((id, n) => Store.ReadStateAsync("marks", id, states[n])).ToArray();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => reads[150]);
        for (var n = 0; n < ids.Length; n++)
        {
            if (n == 150) continue;
            await reads[n];
            Assert.Equal(n % 3 == 0 ? (false, 0) : (true, n), (states[n].RecordExists, states[n].State!.Version));
        }
        states[1].State!.Read = "1-2";
        await Store.WriteStateAsync("marks", ids[1], states[1]); // the ETag is the one that is there
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
