using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Silo;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using var silo = Build(args);
            await silo.RunUntilShutdown();
            return 0;
        }
        catch (Exception failure) when (failure is InvalidSettingsException or StorageUnusableException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    /// <exception cref="InvalidSettingsException">The configuration cannot be used.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], // files that nobody changes need no watcher
            ContentRootPath = AppContext.BaseDirectory, // appsettings.json is found from any working directory
        });
        var (inbox, topology, ingest, webhooks) = SiloSettings.Read(builder.Configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.AddHealth();
        builder.UseInboxSilo(inbox, topology, ingest, webhooks);
        builder.AddTelemetry(static host => host.WithMetrics(static metrics => metrics.AddAspNetCoreInstrumentation()).WithTracing(static traces => traces.AddAspNetCoreInstrumentation()));

        var silo = builder.Build();
        silo.MapHealth();
        return silo;
    }
}
