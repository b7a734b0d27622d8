using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests;

/// <summary>A silo alone, without HTTP, on a Redis or (null) on a SQLite folder; its log can be made to fail on purpose, its clock can be moved.</summary>
public sealed class InboxHost : IAsyncDisposable
{
    private readonly IHost _host;

    private InboxHost(IHost host, FlawedLog log, MovedTime time) => (_host, Log, Time) = (host, log, time);

    public FlawedLog Log { get; }
    public MovedTime Time { get; }
    public IServiceProvider Services => _host.Services;
    public IClusterClient Cluster => Services.GetRequiredService<IClusterClient>();

    public static async Task<InboxHost> Start(string? redis, string folder, InboxOptions? options = null, Action<IServiceCollection>? configure = null, TimeSpan ahead = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Test" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var time = new MovedTime();
        time.Leap(ahead);
        builder.UseInboxSilo((options ?? new InboxOptions()) with { DataPath = folder }, new TopologyOptions { Redis = redis });
        time.AddTo(builder.Services);
        if (builder.Services.SingleOrDefault(s => s.ImplementationType == typeof(ServerLease)) is { } lease) builder.Services.Remove(lease); // two hosts on one Redis are what some tests are about
        var real = builder.Services.Last(s => s.ServiceType == typeof(IInboxLog));
        builder.Services.Remove(real);
        builder.Services.AddSingleton(services => new FlawedLog((IInboxLog)(real.ImplementationFactory?.Invoke(services)
            ?? ActivatorUtilities.CreateInstance(services, real.ImplementationType!))));
        builder.Services.AddSingleton<IInboxLog>(services => services.GetRequiredService<FlawedLog>());
        configure?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new InboxHost(host, host.Services.GetRequiredService<FlawedLog>(), time);
    }

    public IInboxGrain Inbox(string user) => Cluster.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, user));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else _host.Dispose();
    }
}
