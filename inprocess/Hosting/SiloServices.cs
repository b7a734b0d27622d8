using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.InProcess;

internal static class SiloServices
{
    public static ISiloBuilder AddSilo(this IServiceCollection services, IConfiguration configuration)
    {
        AddShared(services);
        if (services.All(service => service.ServiceType != typeof(Silo)))
        {
            services.AddSingleton<Silo>();
            services.AddSingleton<ISiloStatusOracle>(provider => provider.GetRequiredService<Silo>());
            services.AddHostedService(provider => provider.GetRequiredService<Silo>());
        }
        return new Builder(services, configuration);
    }

    public static IClientBuilder AddClient(this IServiceCollection services, IConfiguration configuration)
    {
        AddShared(services);
        return new Builder(services, configuration);
    }

    /// <summary>Remembers something that needs a cluster; the host does not start.</summary>
    public static void Refuse(this IServiceCollection services, string what) => services.AddSingleton(new Refusal(what));

    /// <summary>As in Orleans, "dev" for both leaves the names as they are configured elsewhere, or "default": storage keys begin with it.</summary>
    public static void NameCluster(this IServiceCollection services, string serviceId, string clusterId)
    {
        if ((serviceId, clusterId) != ("dev", "dev"))
            services.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));
    }

    private static void AddShared(IServiceCollection services)
    {
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IClusterClient>(provider => new ClusterClient(provider.GetService<Silo>() ?? throw Refusal.NoSilo.Exception()));
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RefusalAtStart>());
    }

    private sealed record Builder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder, IClientBuilder;
}

internal sealed record Refusal(string What)
{
    public static readonly Refusal NoSilo = new("client of silos in other processes");

    public OrleansConfigurationException Exception() =>
        new($"This build has no {What}, because it runs the grains inside one process (OrleansRuntime=InProcess): configure one process only, or build with -p:OrleansRuntime=Microsoft.");
}

internal sealed class RefusalAtStart(IEnumerable<Refusal> refusals, IServiceProvider services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) =>
        refusals.FirstOrDefault() is { } refusal ? throw refusal.Exception() : services.GetService<Silo>() is null ? throw Refusal.NoSilo.Exception() : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
