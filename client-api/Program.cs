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
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], // no watch over files that nobody changes
            ContentRootPath = AppContext.BaseDirectory, // appsettings.json is found from any working directory
        });
        var settings = FrontEndSettings.Read(builder.Configuration, builder.Environment.IsDevelopment());
        builder.UseInbox(settings.Inbox, settings.Topology);
        builder.AddServer();
        builder.AddTelemetry();
        builder.AddDevelopment(ref settings);
        builder.AddDevelopmentPage();
        builder.AddDashboard(settings);
        builder.AddFrontEnd(settings);
        builder.Services.AddLiveInboxes(settings.Live);

        var app = builder.Build();
        app.UseMiddleware<Entrance>();
        app.UseRouting(); // before the page's files: /inbox.js is one of them, and has rules of its own
        if (app.Environment.IsDevelopment()) app.UseDevelopmentPage();
        app.UseWhen(http => http.Request.Headers.Origin.Count > 0, origins => origins.UseCors()); // not held by every other request and live stream
        app.MapInboxes();
        app.MapInboxScript();
        app.MapHealth();
        app.MapOpenApiDocument();
        app.MapDevelopment();
        app.MapDashboard();
        return app;
    }
}
