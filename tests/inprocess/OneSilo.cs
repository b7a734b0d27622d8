using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace OrleansInbox.Tests.InProcess;

/// <summary>A host with one silo, on ports of its own.</summary>
internal sealed class OneSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private OneSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;
    public IClusterClient Client => Services.GetRequiredService<IClusterClient>();

    public static async Task<OneSilo> Start(Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddMemoryGrainStorage("states").AddMemoryGrainStorage("PubSubStore").AddMemoryStreams("streams");
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new OneSilo(host);
    }

    public (IProbeGrain Grain, Script Script) Probe() => Probe<IProbeGrain>();

    public (T Grain, Script Script) Probe<T>() where T : IGrainWithStringKey
    {
        var key = Guid.NewGuid().ToString("N");
        return (Client.GetGrain<T>(key), Script.Of(key));
    }

    public Task Stop() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
