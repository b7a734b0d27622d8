using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class LogsOnRedis(RedisInboxes inboxes) : LogTests(inboxes)
{
    [Fact]
    public async Task A_Redis_that_is_away_is_a_few_warnings_however_many_inboxes_need_it()
    {
        await using var redis = await RedisServer.Start();
        var (host, log) = await Logged(redis.Address, new InboxOptions { StorageTimeout = TimeSpan.FromSeconds(1) });
        await ForEach(50, i => host.Inbox($"{User}-{i}").Append(New("1")));
        await redis.Kill();
        await ForEach(200, async i =>
        {
            var inbox = host.Inbox($"{User}-{i}");
            await Assert.ThrowsAnyAsync<Exception>(() => inbox.Append(New("2")));
            await Assert.ThrowsAnyAsync<Exception>(() => inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true }));
        });
        Assert.True(log.Entries.Count <= 12, string.Join("\n", log.Entries.GroupBy(entry => (entry.Category, entry.Level)).Select(group => $"{group.Count()} × {group.First()}")));
    }
}

[Collection(SqliteInboxes.Name)]
public sealed class LogsOnSqlite(SqliteInboxes inboxes) : LogTests(inboxes);

/// <summary>What a silo logs at the levels that it ships with.</summary>
public abstract class LogTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task Activations_appends_marks_and_lists_log_nothing()
    {
        var (host, log) = await Logged();
        await ForEach(100, async i =>
        {
            var inbox = host.Inbox($"{User}-{i}");
            await inbox.Append(New("1"));
            await inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true });
            await Titles(inbox, new ListQuery { Types = ["zzz"] });
        });
        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await ForEach(100, async i => Assert.Equal(1, (await host.Inbox($"{User}-{i}").Counts()).Total));
        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task A_storm_of_late_marks_is_one_warning_for_each_episode()
    {
        var (host, log) = await Logged();
        await ForEach(50, i => host.Inbox($"{User}-{i}").Append(New("1")));
        for (var episode = 1; episode <= 2; episode++)
        {
            var past = host.Time.GetUtcNow().AddSeconds(-5);
            await ForEach(500, i => Assert.ThrowsAsync<TimeoutException>(
                () => host.Inbox($"{User}-{i % 50}").Mark(new MarkRequest { Action = MarkAction.Read, All = true }, past)));
            Assert.Equal(Enumerable.Repeat(LogLevel.Warning, episode), log.Entries.Select(entry => entry.Level));
            host.Time.Move(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public async Task A_storm_of_failed_activations_is_a_few_warnings()
    {
        var (host, log) = await Logged();
        host.Log.BeforeOpen = () => throw new StorageUnavailableException("away");
        await ForEach(200, i => Assert.ThrowsAsync<StorageUnavailableException>(() => host.Inbox($"{User}-{i}").Counts()));
        Assert.Single(log.Entries);
    }

    protected static Task ForEach(int count, Func<int, Task> action) => Task.WhenAll(Enumerable.Range(0, count).Select(action));

    private protected async Task<(InboxHost Host, CollectedLog Log)> Logged(string? redis = null, InboxOptions? options = null)
    {
        var log = new CollectedLog();
        using var settings = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "client-api/appsettings.json")), new() { CommentHandling = JsonCommentHandling.Skip });
        var levels = settings.RootElement.GetProperty("Logging").GetProperty("LogLevel").EnumerateObject().ToDictionary(level => "LogLevel:" + level.Name, level => level.Value.GetString());
        var host = await Start(redis ?? Redis, options, configure: services => services.AddLogging(logging => logging
            .AddConfiguration(new ConfigurationBuilder().AddInMemoryCollection(levels).Build()).AddProvider(log)));
        return (host, log);
    }
}
