using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Development;
using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Requests;

namespace OrleansInbox.ClientApi;

/// <summary>The steps of Program.cs.</summary>
internal static class Composition
{
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(10);

    /// <summary>Kestrel, with limits no wider than an inbox needs.</summary>
    public static void AddServer(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.MaxBytes;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        // Handlers never block, so they may run on the socket's thread: measured as a tenth more throughput.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<IConnectionListenerFactory>(services =>
            ActivatorUtilities.CreateInstance<ConnectionLimit>(services, ActivatorUtilities.CreateInstance<SocketTransportFactory>(services), ConnectionLimit.MaxOfProcess()));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _drain);
        AccessTokenRedaction.Wrap(builder.Services);
    }

    /// <summary>Creates credentials in Development, when none are configured.</summary>
    /// <returns>The credentials that are accepted: the configured ones, or those that were created.</returns>
    public static AuthOptions AddDevelopment(this WebApplicationBuilder builder, FrontEndSettings settings)
    {
        if (!builder.Environment.IsDevelopment() || !settings.Auth.IsEmpty) return settings.Auth;
        var credentials = DevelopmentCredentials.ReadOrMake(settings.Inbox.DataPath, TimeProvider.System);
        builder.Services.AddSingleton(credentials);
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StartupBanner>(services, settings));
        return credentials.Options;
    }

    public static void MapDevelopment(this WebApplication app)
    {
        if (app.Services.GetService<DevelopmentCredentials>() is { } credentials) app.MapDevelopmentTokens(credentials);
    }

    public static void AddFrontEnd(this WebApplicationBuilder builder, AuthOptions auth, RateLimitOptions rateLimit, CorsOptions cors)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(auth);
        services.AddSingleton(new ApiKeys(auth.ApiKeys));
        services.AddSingleton(rateLimit);
        services.AddSingleton<RateLimits>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<InboxClient>();
        services.AddSingleton<Standstill>();
        services.AddSingleton<InboxAuthorization>();
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddSingleton<ProblemExceptionHandler>();
        services.Configure<RouteOptions>(routes => routes.SuppressCheckForUnhandledSecurityMetadata = true); // requests without Origin do not pass the CORS middleware
        services.AddCors(options => options.AddPolicy(InboxEndpoints.CorsPolicy, policy => policy
            .WithOrigins([.. cors.Origins])
            .AllowAnyMethod()
            .AllowAnyHeader() // pages send those of their tracing too
            .WithExposedHeaders("ETag", "Link", "Location", "Idempotent-Replayed", "Retry-After", "X-Poll-Interval")
            .SetPreflightMaxAge(TimeSpan.FromHours(1))));
    }
}
