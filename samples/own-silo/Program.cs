using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansInbox;
using Shop;

var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.UseOrleans(silo =>
{
    silo.UseLocalhostClustering(settings.GetValue("SiloPort", 11_111), settings.GetValue("GatewayPort", 30_000));
    silo.AddOrleansInbox(new InboxOptions { DataPath = settings["Data"] ?? "data" }, redis: settings["Redis"]);
});

using var host = builder.Build();
await host.StartAsync();
var orders = host.Services.GetRequiredService<IGrainFactory>();
foreach (var number in (settings["Ship"] ?? "17").Split(','))
{
    var counts = await orders.GetGrain<IOrderGrain>(long.Parse(number, CultureInfo.InvariantCulture)).Ship("ann");
    Console.WriteLine($"Order {number} is on its way. ann has {counts.Unread} unread, of {counts.Total}.");
}
await host.StopAsync();
