using OrleansInbox.ClientApi.Development;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.ClientApi.Demo;

internal static class DemoHosting
{
    /// <summary>After the development credentials, which the demo publishes with.</summary>
    /// <exception cref="InvalidSettingsException">The demo cannot run as it is asked for.</exception>
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        var options = DemoOptions.Read(builder.Configuration);
        if (options.File is null)
            return;
        if (!builder.Services.Any(service => service.ServiceType == typeof(DevelopmentCredentials)))
            throw new InvalidSettingsException(["Demo:File (--demo) works in Development only, and without configured credentials: it publishes with the made-up API key."]);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(DemoFile.Read(File.ReadLines(options.File)));
        builder.Services.AddHostedService<DemoPublisher>();
    }

    /// <summary><c>GET /dev/people</c>: whose inboxes are worth a look, for the page at <c>/</c>.</summary>
    public static void MapDemo(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
            app.MapRead("/dev/people", http => http.Response.WriteAsJsonAsync(new { people = app.Services.GetService<DemoFile>()?.People() ?? [] }));
    }
}
