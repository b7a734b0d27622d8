using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Grains.Hosting;

/// <summary>What AddOrleansInbox reads and what it leaves alone; samples/own-silo calls it as others do.</summary>
public sealed class OwnSiloHostingTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    [Fact]
    public async Task A_silo_is_configured_by_a_section_and_keeps_its_own_time_outs()
    {
        using var host = Build($"Notifications:Inbox:DataPath={_data.FullName}", "Notifications:Inbox:IdleAfter=00:03:00", "Notifications:Inbox:DuePoll=00:00:00.1", "Inbox:Unknown=another one's");
        await host.StartAsync();
        var inbox = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, "ann"));

        await inbox.Append(new() { Type = "t", Title = "T" });
        await inbox.Append(new() { Type = "t", Title = "T", DeliverAt = DateTimeOffset.UtcNow.AddSeconds(0.5) });
        await Eventually.Is(async () => (await inbox.Counts()).Unread == 2, "the scheduled notification");

        Assert.True(File.Exists(Path.Combine(_data.FullName, "inbox.db")));
        var collection = host.Services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
        Assert.Equal(new GrainCollectionOptions().CollectionAge, collection.CollectionAge);
        Assert.Equal(TimeSpan.FromMinutes(3), collection.ClassSpecificCollectionAge["OrleansInbox.Inboxes.InboxGrain,OrleansInbox.Grains"]); // as Orleans names those that have an attribute
        Assert.Equal(new SiloMessagingOptions().ResponseTimeout, host.Services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.ResponseTimeout);
        await host.StopAsync();
    }

    [Fact]
    public void All_that_is_wrong_is_told()
    {
        var refused = Assert.Throws<InvalidSettingsException>(() => Build("Notifications:Inbox:IdleAfter=soon", "Notifications:Inbox:Colour=red", "Notifications:Ingest:Streams:0=inbox-in:{default}:0"));

        Assert.Contains("Inbox:IdleAfter has to be a time", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Inbox:Colour is not a setting", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Ingest:Streams needs ConnectionStrings:Redis", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private static IHost Build(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Next(), FreePort.Next());
            silo.AddOrleansInbox(builder.Configuration.GetSection("Notifications"));
        });
        return builder.Build();
    }
}
