using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Keeps the lines of a server's log above Debug, with their exceptions.</summary>
internal sealed class LoggedLines : ILoggerProvider
{
    public ConcurrentQueue<string> All { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, All);
    public void Dispose() { }

    private sealed class Logger(string category, ConcurrentQueue<string> all) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) all.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
        }
    }
}
