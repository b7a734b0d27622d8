namespace OrleansInbox.Tests.ClientApi;

[CollectionDefinition(Name)]
public sealed class SqliteApi : ApiFixture, ICollectionFixture<SqliteApi>
{
    public const string Name = "API on SQLite";

    protected override Task<string?> Storage() => Task.FromResult<string?>(null);
}
