using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using OrleansInbox.Ingest;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests;

/// <summary>
/// A silo alone, without HTTP, on a Redis or (null) on a SQLite folder; its log can be made to fail on purpose, its clock can be moved. It is patient: a machine
/// that is busy with other tests may keep the whole process waiting for seconds, and the disk a sync. What is about the limits of time sets its own.
/// </summary>
public sealed class InboxHost : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static readonly InboxOptions _defaults = new();

    private readonly IHost _host;

    private InboxHost(IHost host, FlawedLog log, MovedTime time) => (_host, Log, Time) = (host, log, time);

    public FlawedLog Log { get; }
    public MovedTime Time { get; }
    public IServiceProvider Services => _host.Services;
    public IClusterClient Cluster => Services.GetRequiredService<IClusterClient>();

    public static async Task<InboxHost> Start(string? redis, string folder, InboxOptions? options = null, Action<IServiceCollection>? configure = null, TimeSpan ahead = default, IngestOptions? ingest = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Test" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var time = new MovedTime();
        time.Leap(ahead);
        builder.UseInboxSilo(Patient(options ?? _defaults) with { DataPath = folder }, new TopologyOptions { Redis = redis }, ingest);
        time.AddTo(builder.Services);
        if (builder.Services.SingleOrDefault(s => s.ImplementationType == typeof(ServerLease)) is { } lease) builder.Services.Remove(lease); // two hosts on one Redis are what some tests are about
        var real = builder.Services.Last(s => s.ServiceType == typeof(IInboxLog));
        builder.Services.Remove(real);
        builder.Services.AddSingleton(services => new FlawedLog((IInboxLog)(real.ImplementationFactory?.Invoke(services)
            ?? ActivatorUtilities.CreateInstance(services, real.ImplementationType!))));
        builder.Services.AddSingleton<IInboxLog>(services => services.GetRequiredService<FlawedLog>());
        builder.Services.PostConfigure<SiloMessagingOptions>(o => o.ResponseTimeout = _patience);
        builder.Services.PostConfigure<ClientMessagingOptions>(o => o.ResponseTimeout = _patience);
        configure?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new InboxHost(host, host.Services.GetRequiredService<FlawedLog>(), time);
    }

    public IInboxGrain Inbox(string user) => Cluster.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, user));

    private static InboxOptions Patient(InboxOptions options) => options with
    {
        StorageTimeout = options.StorageTimeout == _defaults.StorageTimeout ? _patience : options.StorageTimeout,
        ScanTimeout = options.ScanTimeout == _defaults.ScanTimeout ? _patience : options.ScanTimeout,
    };

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else _host.Dispose();
    }
}
