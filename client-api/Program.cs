using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrleansInbox.ClientApi.Dashboard;
using OrleansInbox.ClientApi.Development;
using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (BackupArguments.Parse(args) is { } backup) return await backup.Run(args);
            await using var app = Build(args);
            await app.RunUntilShutdown();
            return 0;
        }
        catch (Exception failure) when (StartFailure.Explain(failure) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <exception cref="InvalidSettingsException">The configuration cannot be used.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = Builder(args);
        var settings = FrontEndSettings.Read(builder.Configuration, builder.Environment.IsDevelopment());
        builder.AddHealth();
        builder.UseInbox(settings.Inbox, settings.Topology, settings.Ingest, settings.Webhooks);
        builder.AddServer();
        builder.AddTelemetry(static host => host.WithMetrics(static metrics => metrics.AddAspNetCoreInstrumentation()).WithTracing(static traces => traces.AddAspNetCoreInstrumentation()));
        var auth = builder.AddDevelopment(settings);
        builder.AddDevelopmentPage();
        builder.AddDashboard(settings);
        builder.AddFrontEnd(auth, settings.RateLimit, settings.Cors);
        builder.Services.AddLiveInboxes(settings.Live);

        var app = builder.Build();
        app.UseExceptionHandler(static _ => { }); // ProblemExceptionHandler answers them all
        app.UseMiddleware<InboxPathMiddleware>();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseRouting(); // before static files: /inbox.js is one of them too, but is served by its endpoint
        app.UseStatusCodeProblems();
        if (app.Environment.IsDevelopment()) app.UseDevelopmentPage();
        app.UseWhen(static http => http.Request.Headers.Origin.Count > 0, static origins => origins.UseCors()); // its state is not held by other requests and live streams
        app.MapInboxes();
        app.MapTenants();
        app.MapTopics();
        app.MapInboxScript();
        app.MapHealth();
        app.MapOpenApiDocument();
        app.MapDevelopment();
        app.MapDashboard();
        return app;
    }

    /// <summary>With the configuration of all that this program does.</summary>
    public static WebApplicationBuilder Builder(string[] args) => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], // files that nobody changes need no watcher
        ContentRootPath = AppContext.BaseDirectory, // appsettings.json is found from any working directory
    });
}
