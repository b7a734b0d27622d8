using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using StackExchange.Redis;

namespace OrleansInbox.Tests.InProcess;

/// <summary>The layout of states in Redis is the same on both runtimes: written under one, read under the other.</summary>
public sealed class RedisStateTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private OneSilo _silo = null!;
    private ConnectionMultiplexer _connection = null!;

    private IGrainStorage Storage => _silo.Services.GetRequiredKeyedService<IGrainStorage>("redis");
    private IDatabase Database => _connection.GetDatabase();

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        _silo = await OneSilo.Start(silo => silo.AddRedisGrainStorage("redis", options =>
        {
            options.ConfigurationOptions = ConfigurationOptions.Parse(_redis.Address);
            options.GrainStorageSerializer = new Json();
        }));
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _connection.CloseAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Key_and_fields_are_those_of_Orleans()
    {
        var grain = GrainId.Create("inbox", "acme/ann");
        var state = new GrainState<ProbeState>(new ProbeState { Count = 7 });
        await Storage.WriteStateAsync("marks", grain, state);
        var fields = (await Database.HashGetAllAsync("default/state/inbox/acme/ann/marks")).ToDictionary(field => (string)field.Name!, field => (string)field.Value!);
        Assert.Equal(["data", "etag"], fields.Keys.Order());
        Assert.Equal("""{"Count":7}""", fields["data"]);
        Assert.Equal(state.ETag, fields["etag"]);

        await Storage.ClearStateAsync("marks", grain, state);
        Assert.Equal("", await Database.HashGetAsync("default/state/inbox/acme/ann/marks", "data"));
        Assert.Equal(state.ETag, await Database.HashGetAsync("default/state/inbox/acme/ann/marks", "etag"));
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task What_stands_there_is_read()
    {
        await Database.HashSetAsync("default/state/inbox/acme/bob/marks", [new HashEntry("etag", "e1"), new HashEntry("data", """{"Count":5}""")]);
        var state = new GrainState<ProbeState>();
        await Storage.ReadStateAsync("marks", GrainId.Create("inbox", "acme/bob"), state);
        Assert.Equal((5, "e1", true), (state.State!.Count, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task A_stale_writer_is_refused()
    {
        var grain = GrainId.Create("inbox", "acme/eve");
        var (mine, yours) = (new GrainState<ProbeState>(new ProbeState()), new GrainState<ProbeState>(new ProbeState()));
        await Storage.WriteStateAsync("marks", grain, mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("marks", grain, yours));
        await Storage.ReadStateAsync("marks", grain, yours);
        await Storage.WriteStateAsync("marks", grain, yours);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("marks", grain, mine));
    }

    [Fact]
    public async Task It_goes_on_after_redis_was_restarted()
    {
        var grain = GrainId.Create("inbox", "acme/joe");
        var state = new GrainState<ProbeState>(new ProbeState { Count = 1 });
        await Storage.WriteStateAsync("marks", grain, state);
        await Database.ExecuteAsync("SCRIPT", "FLUSH"); // what a restart does to scripts
        await Storage.WriteStateAsync("marks", grain, state);
        Assert.Equal(state.ETag, await Database.HashGetAsync("default/state/inbox/acme/joe/marks", "etag"));
    }

    private sealed class Json : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));
        public T? Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>();
    }
}
