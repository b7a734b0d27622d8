using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Development;
using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.ClientApi.Requests;

namespace OrleansInbox.ClientApi;

/// <summary>What Program.cs names, chapter by chapter.</summary>
internal static class Composition
{
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(10);

    /// <summary>Kestrel with limits that an inbox needs, and not more.</summary>
    public static void AddServer(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        // Handlers never block, so what the socket brings needs no other thread: measured at a tenth of the throughput.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _drain);
        AccessTokenRedaction.Wrap(builder.Services);
    }

    /// <summary>Makes up credentials in Development, when none are configured.</summary>
    public static void AddDevelopment(this WebApplicationBuilder builder, ref FrontEndSettings settings)
    {
        if (!builder.Environment.IsDevelopment() || !settings.Auth.IsEmpty) return;
        var credentials = DevelopmentCredentials.ReadOrMake(settings.Inbox.DataPath, TimeProvider.System);
        settings = settings with { Auth = credentials.Options };
        builder.Services.AddSingleton(credentials);
        var known = settings;
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StartupBanner>(services, known));
    }

    public static void MapDevelopment(this WebApplication app)
    {
        if (app.Services.GetService<DevelopmentCredentials>() is { } credentials) app.MapDevelopmentTokens(credentials);
    }

    public static void AddFrontEnd(this WebApplicationBuilder builder, FrontEndSettings settings)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings.Auth);
        services.AddSingleton(new ApiKeys(settings.Auth.ApiKeys));
        services.AddSingleton(new RateLimits(settings.RateLimit));
        services.AddSingleton<Tokens>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<InboxClient>();
        services.AddSingleton<InboxAuthorization>();
        services.Configure<RouteOptions>(routes => routes.SuppressCheckForUnhandledSecurityMetadata = true); // requests without Origin pass by CORS
        services.AddCors(cors => cors.AddPolicy(InboxEndpoints.CorsPolicy, policy => policy
            .WithOrigins([.. settings.CorsOrigins])
            .AllowAnyMethod()
            .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID")
            .WithExposedHeaders("ETag", "Link", "Location", "Idempotent-Replayed", "Retry-After", "X-Poll-Interval")
            .SetPreflightMaxAge(TimeSpan.FromHours(1))));
    }
}
