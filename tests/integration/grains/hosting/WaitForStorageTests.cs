using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.Grains.Hosting;

public sealed class WaitForStorageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-first-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_member_that_starts_while_Redis_is_away_says_so_waits_and_starts()
    {
        await using var redis = await RedisServer.Start();
        await redis.Stop();
        using var log = new FirstWarning("Waiting for storage");
        var starting = InboxHost.Start(redis.Address, _folder.FullName, new InboxOptions { StorageTimeout = TimeSpan.FromSeconds(2) },
            configure: services => services.AddSingleton<ILoggerProvider>(log));
        await Task.WhenAny(log.Seen, starting).WaitAsync(TimeSpan.FromSeconds(60));
        if (starting.IsFaulted) await starting;
        Assert.False(starting.IsCompleted);
        await redis.Start();
        await using var host = await starting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, (await host.Inbox("ann").Append(new NewNotification { Type = "test", Title = "here" })).Id.Seq);
    }

    private sealed class FirstWarning(string text) : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith(text, StringComparison.Ordinal)) _seen.TrySetResult();
        }

        public void Dispose() { }
    }
}
