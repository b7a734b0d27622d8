using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>A front-end of which the test plays the grains, the fan-out, the clients and the clock.</summary>
internal sealed class FrontEndFixture : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ScriptedInbox> _inboxes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddLogging().AddProblemDetails().BuildServiceProvider();
    private readonly List<Reader> _readers = [];

    private FrontEndFixture(LiveOptions? options)
    {
        // Time passes at a stroke here: no call that is under way meanwhile is late.
        Options = (options ?? new LiveOptions()) with { Patience = TimeSpan.FromHours(1) };
        var metrics = ActivatorUtilities.CreateInstance<InboxMetrics>(_services);
        Live = new LiveInboxes(Inbox, Consumer, Options, Time, metrics, NullLogger.Instance, _stopping.Token);
    }

    public LiveOptions Options { get; }
    public FakeTime Time { get; } = new();
    public ScriptedFanoutConsumer Consumer { get; } = new();
    public LiveInboxes Live { get; }
    public ScriptedInbox Ann => Inbox("default/ann");

    /// <summary>Where an inbox sends its events; to the consumer, unless a test loses some.</summary>
    public Action<InboxEvent>? FrontEndQueue { get; set; }

    public static async Task<FrontEndFixture> Open(LiveOptions? options = null)
    {
        var frontEnd = new FrontEndFixture(options);
        await frontEnd.Live.StartAsync(CancellationToken.None);
        return frontEnd;
    }

    public ScriptedInbox Inbox(string key) => _inboxes.GetOrAdd(key, _ => new ScriptedInbox(key, e => (FrontEndQueue ?? (one => Consumer.Send(one)))(e)));

    public Reader Connect(NotificationId? lastEventId = null, string inbox = "default/ann", int bufferBytes = 64 * 1024)
    {
        var reader = new Reader(bufferBytes);
        reader.Http.RequestServices = _services;
        reader.Served = Serve();
        lock (_readers) _readers.Add(reader);
        return reader;

        async Task Serve()
        {
            await Live.Stream(reader.Http, inbox, lastEventId);
            await reader.Http.Response.CompleteAsync();
        }
    }

    /// <summary>Connected and ready.</summary>
    public async Task<Reader> Ready(NotificationId? lastEventId = null)
    {
        var reader = Connect(lastEventId);
        await reader.Next("ready");
        return reader;
    }

    public void Stop() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Live.StopAsync(CancellationToken.None);
        lock (_readers)
            foreach (var reader in _readers) reader.Dispose();
        _stopping.Dispose();
        await _services.DisposeAsync();
    }
}
