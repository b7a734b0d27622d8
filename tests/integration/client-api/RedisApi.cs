using OrleansInbox.Tests.Grains.Storage;

namespace OrleansInbox.Tests.ClientApi;

[CollectionDefinition(Name)]
public sealed class RedisApi : ApiFixture, ICollectionFixture<RedisApi>
{
    public const string Name = "API on Redis";
    private readonly RedisFixture _redis = new();

    protected override async Task<string?> Storage()
    {
        await _redis.InitializeAsync();
        return _redis.Address;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
