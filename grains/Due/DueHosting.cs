using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansInbox.Storage;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Due;

/// <summary>The readers of the index of what is due, kept active by every silo.</summary>
internal static class DueHosting
{
    public static void AddDue(this ISiloBuilder silo, WebhookOptions webhooks)
    {
        silo.Services.AddSingleton(webhooks);
        silo.Services.AddSingleton<WebhookSender>();
        silo.Services.AddSingleton<DueServices>();
        silo.Services.AddSingleton<IHostedService>(static services =>
        {
            var grains = services.GetRequiredService<IGrainFactory>();
            var parts = Enumerable.Range(0, services.GetRequiredService<IWaitingStore>().Parts);
            return ActivatorUtilities.CreateInstance<KeepAlive>(services, (IReadOnlyList<(string, Func<Task>)>)[.. parts.Select(part => ("The reader of what is due", (Func<Task>)(() => grains.GetGrain<IDueGrain>(part).KeepWaking())))]);
        });
    }
}
