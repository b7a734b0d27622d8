using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Hears every log line of a server at every level, and every tag of every span of the process.</summary>
internal sealed class EverythingHeard : ILoggerProvider, ILogger
{
    private readonly StringBuilder _text = new();
    private readonly ActivityListener _spans;

    public EverythingHeard()
    {
        _spans = new() { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = Hear };
        ActivitySource.AddActivityListener(_spans);
    }

    public string Text
    {
        get
        {
            lock (_text) return _text.ToString();
        }
    }

    public ILogger CreateLogger(string categoryName) => this;
    public bool IsEnabled(LogLevel logLevel) => true;
    public void Dispose() => _spans.Dispose();

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Hear($"{formatter(state, exception)} {exception}");

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        Hear(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values) : state.ToString());
        return null;
    }

    private void Hear(Activity span) => Hear($"{span.DisplayName} {string.Join(' ', span.TagObjects)}");

    private void Hear(string? line)
    {
        lock (_text) _text.AppendLine(line);
    }
}
