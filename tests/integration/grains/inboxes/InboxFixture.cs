namespace OrleansInbox.Tests.Grains.Inboxes;

/// <summary>One silo for the tests of one storage.</summary>
public abstract class InboxFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-grains-");

    public InboxHost Host { get; private set; } = null!;

    /// <summary>For <c>ConnectionStrings:Redis</c>; null on SQLite.</summary>
    public abstract string? Redis { get; }

    public virtual async Task InitializeAsync() => Host = await InboxHost.Start(Redis, _folder.FullName);

    public virtual async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    public async Task Restart()
    {
        await Host.DisposeAsync();
        Host = await InboxHost.Start(Redis, _folder.FullName);
    }
}

[CollectionDefinition(Name)]
public sealed class RedisInboxes : InboxFixture, ICollectionFixture<RedisInboxes>
{
    public const string Name = "Inboxes on Redis";
    private RedisServer _redis = null!;

    public override string Redis => _redis.Address;

    public override async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SqliteInboxes : InboxFixture, ICollectionFixture<SqliteInboxes>
{
    public const string Name = "Inboxes on SQLite";

    public override string? Redis => null;
}
