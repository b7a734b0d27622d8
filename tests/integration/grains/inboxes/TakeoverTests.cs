using StackExchange.Redis;

namespace OrleansInbox.Tests.Grains.Inboxes;

/// <summary>Redis is set back to what a replica had that took over: what its master wrote last, and told nobody, is gone.</summary>
public sealed class TakeoverTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-takeover-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_delete_that_is_repeated_is_done_where_its_first_attempt_is_not_known()
    {
        await using var redis = await RedisServer.Start();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var database = connection.GetDatabase();
        var inbox = InboxKey.Of(InboxKey.DefaultTenant, "ann");
        await using (var host = await InboxHost.Start(redis.Address, _folder.FullName))
        {
            var ann = host.Inbox("ann");
            var ids = new List<NotificationId>();
            for (var i = 0; i < 3; i++) ids.Add((await ann.Append(new NewNotification { Type = "test", Title = "T" })).Id);
            await ann.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [ids[0]] }, null, default);
            var before = new Dictionary<RedisKey, byte[]?>();
            foreach (RedisKey key in (RedisKey[])[$"inbox:{{{inbox}}}:log", MarksKey(connection)]) before[key] = await database.KeyDumpAsync(key);
            await ann.Delete(ids[1]);
            foreach (var (key, dump) in before)
            {
                await database.KeyDeleteAsync(key);
                await database.KeyRestoreAsync(key, dump!);
            }
            await Eventually.Succeeds(() => Repeated(ann, ids[1]), "the delete to be done");
        }
        await using var next = await InboxHost.Start(redis.Address, _folder.FullName);
        var counts = await next.Inbox("ann").Counts();
        Assert.Equal((2, 1), (counts.Total, counts.Unread));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_activation_leaves_out_no_other_appends(bool marks)
    {
        await using var redis = await RedisServer.Start();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var (database, log) = (connection.GetDatabase(), $"inbox:{{{InboxKey.Of(InboxKey.DefaultTenant, "ann")}}}:log");
        await using var host = await InboxHost.Start(redis.Address, _folder.FullName);
        await using var other = await InboxHost.Start(redis.Address, _folder.FullName);
        var one = host.Inbox("ann");
        var first = (await one.Append(new NewNotification { Type = "test", Title = "first" })).Id;
        var dump = await database.KeyDumpAsync(log);
        for (var i = 0; i < 2; i++) await one.Append(new NewNotification { Type = "test", Title = "lost" });
        await database.KeyDeleteAsync(log);
        await database.KeyRestoreAsync(log, dump!);
        Assert.Equal(1, (await other.Inbox("ann").Counts()).Total);
        await one.Get(new NotificationId(first.Epoch, first.Seq + 9)); // not known: it loads the inbox again

        var head = first;
        if (marks) await one.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [first] });
        else head = (await one.Replay(first, -1, 10)).Now.Head;
        var second = (await other.Inbox("ann").Append(new NewNotification { Type = "test", Title = "second" })).Id;

        Assert.True(second > head, $"{second} is not above {head}, to which the readers have gone on");
        await using var next = await InboxHost.Start(redis.Address, _folder.FullName);
        var counts = await next.Inbox("ann").Counts();
        Assert.Equal((2, marks ? 1 : 2), (counts.Total, counts.Unread));
    }

    /// <summary>As a client repeats it, until it is told that it is done.</summary>
    private static async Task Repeated(IInboxGrain inbox, NotificationId id)
    {
        try
        {
            await inbox.Delete(id);
        }
        catch (Orleans.Storage.InconsistentStateException)
        {
            await inbox.Delete(id);
        }
    }

    private static RedisKey MarksKey(ConnectionMultiplexer connection) => connection.GetServers()[0].Keys(pattern: "*").Single(key => key.ToString().Contains("marks", StringComparison.Ordinal));
}
