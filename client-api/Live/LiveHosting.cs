using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Live;

public static class LiveHosting
{
    /// <summary>The live connections of this front-end; it starts after the Orleans client or silo that was added before it.</summary>
    public static IServiceCollection AddLiveInboxes(this IServiceCollection services, LiveOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InboxMetrics>();
        services.AddSingleton(options);
        services.AddSingleton<LiveInboxes>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveInboxes>());
        return services;
    }
}
