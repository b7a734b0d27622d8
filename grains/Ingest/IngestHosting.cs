using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace OrleansInbox.Ingest;

/// <summary>Readers of streams, in silos that have Redis. A silo without streams of its own may be given the reader of another's, while they are being configured.</summary>
internal static class IngestHosting
{
    public static void AddIngest(this ISiloBuilder silo, IngestOptions options)
    {
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<IngestServices>();
        if (options.Streams.Count > 0) silo.Services.AddHostedService<IngestKeepAlive>();
    }
}
