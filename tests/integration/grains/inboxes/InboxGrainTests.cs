using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansInbox.Tests.Grains.Inboxes;

/// <summary>The grain on a real log; each test has an inbox of its own in the silo of its storage.</summary>
public abstract class InboxGrainTests(InboxFixture inboxes) : IAsyncLifetime
{
    private static int _users;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-grain-");
    private readonly List<InboxHost> _hosts = [];

    protected string User { get; } = $"user-{Interlocked.Increment(ref _users)}";
    protected IInboxGrain Inbox => inboxes.Host.Inbox(User);
    protected FlawedLog Log => inboxes.Host.Log;

    /// <summary>For <c>ConnectionStrings:Redis</c>; null on SQLite.</summary>
    protected string? Redis => inboxes.Redis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        (Log.BeforeAppend, Log.AfterAppend, Log.BeforeOpen, Log.AfterOpen, Log.BeforeDelete) = (null, null, null, null, null);
        foreach (var host in _hosts) await host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>The silo that all tests of this storage share: what it holds in memory is lost.</summary>
    protected Task Restart() => inboxes.Restart();

    /// <summary>A silo of the test's own, for other options or another clock: on the same Redis, or on a SQLite file of the test.</summary>
    protected Task<InboxHost> Start(InboxOptions? options = null, Action<IServiceCollection>? configure = null, TimeSpan ahead = default) => Start(Redis, options, configure, ahead);

    /// <summary>Likewise, on another Redis.</summary>
    protected async Task<InboxHost> Start(string? redis, InboxOptions? options = null, Action<IServiceCollection>? configure = null, TimeSpan ahead = default)
    {
        var host = await InboxHost.Start(redis, _folder.FullName, options, configure, ahead);
        _hosts.Add(host);
        return host;
    }

    protected async Task Stop(InboxHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
    }

    protected static NewNotification New(string title, string? key = null, string? group = null, DateTimeOffset? expiresAt = null) =>
        new() { Type = "test", Title = title, IdempotencyKey = key, Group = group, ExpiresAt = expiresAt };

    protected static async Task<string[]> Titles(IInboxGrain inbox, ListQuery? query = null)
    {
        var page = await inbox.List(query ?? new ListQuery { Limit = 100 });
        using var json = JsonDocument.Parse(page.Json);
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("title").GetString()!)];
    }
}
