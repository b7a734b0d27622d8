namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class EraseOnRedis(RedisApi api) : EraseTests(api);

[Collection(SqliteApi.Name)]
public sealed class EraseOnSqlite(SqliteApi api) : EraseTests(api);

/// <summary>An inbox that is erased while others publish to it: each publish is before the erasure or after it, and none is refused.</summary>
public abstract class EraseTests(ApiFixture api)
{
    [Fact]
    public async Task Publishes_go_on_while_the_inbox_is_erased()
    {
        var path = ApiFixture.Path(ApiFixture.NewUser());
        var publishing = Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                using var created = await api.Publisher.PostAsync(path, ApiFixture.Json("""{"type":"t","title":"T"}"""));
                Assert.Equal(201, (int)created.StatusCode);
            }
        })));
        while (!publishing.IsCompleted) Assert.Equal(204, (int)(await api.Publisher.DeleteAsync(path)).StatusCode);
        await publishing;
    }
}
