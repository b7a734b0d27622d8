namespace OrleansInbox.Tests.ClientApi;

[CollectionDefinition(Name)]
public sealed class RedisApi : ApiFixture, ICollectionFixture<RedisApi>
{
    public const string Name = "API on Redis";
    private RedisServer? _redis;

    protected override async Task<string?> Storage() => (_redis = await RedisServer.Start()).Address;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis!.DisposeAsync();
    }
}
