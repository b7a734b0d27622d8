using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace OrleansInbox.Ingest;

/// <summary>Readers of streams, in silos that have Redis. A silo without streams of its own may be given the reader of another's, while they are being configured.</summary>
internal static class IngestHosting
{
    public static void AddIngest(this ISiloBuilder silo, IngestOptions options)
    {
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<IngestServices>();
        if (options.Streams.Count == 0) return;
        silo.Services.AddSingleton<IHostedService>(services =>
        {
            var grains = services.GetRequiredService<IGrainFactory>();
            return ActivatorUtilities.CreateInstance<KeepAlive>(services, (IReadOnlyList<(string, Func<Task>)>)[.. options.Streams.Select(stream => ($"The reader of stream {stream}", (Func<Task>)(() => grains.GetGrain<IIngestGrain>(stream).KeepReading())))]);
        });
    }
}
