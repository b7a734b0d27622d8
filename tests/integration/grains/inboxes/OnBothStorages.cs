namespace OrleansInbox.Tests.Grains;

public sealed class InboxGrainOnRedisTests : InboxGrainTests
{
    private RedisServer _redis = null!;

    protected override string Redis => _redis.Address;

    public override async Task InitializeAsync() => _redis = await RedisServer.Start();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }
}

public sealed class InboxGrainOnSqliteTests : InboxGrainTests
{
    protected override string? Redis => null;
}
