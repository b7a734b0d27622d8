using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

public sealed class OptionsTests
{
    [Fact]
    public async Task All_that_is_wrong_is_told_when_the_host_starts()
    {
        var refused = await Refused("BaseAddress=ftp://x", "ApiKey=two words", "TotalTimeout=00:00:05", "AttemptTimeout=00:00:06", "Timeout=1");

        Assert.Equal([
            "Inbox:Timeout is not a setting; there are BaseAddress, ApiKey, TotalTimeout, AttemptTimeout.",
            "BaseAddress has to be an absolute http or https URL without a query.",
            "ApiKey has to be of visible ASCII characters.",
            "AttemptTimeout must not be longer than TotalTimeout."], refused);
    }

    [Fact]
    public async Task What_is_missing_and_what_cannot_be_read_is_told()
    {
        Assert.Equal(["BaseAddress is required: where the inbox server is, as in https://inbox.example.org.", "ApiKey or Token is required: what the server knows the publisher by."], await Refused());
        Assert.Equal(["BaseAddress is not a URL.", "TotalTimeout is not a time, written [d.]hh:mm:ss."], await Refused("BaseAddress=inbox", "ApiKey=k", "TotalTimeout=soon"));
    }

    [Fact]
    public void Code_and_configuration_go_together()
    {
        var options = Services(["baseaddress=https://inbox.example.org/path", "TOTALTIMEOUT=00:02:00"], options => options.Token = _ => new("t")).GetRequiredService<IOptions<InboxClientOptions>>().Value;

        Assert.Equal((new Uri("https://inbox.example.org/path"), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10)), (options.BaseAddress, options.TotalTimeout, options.AttemptTimeout));
        Assert.NotNull(Services(["BaseAddress=https://inbox.example.org", "ApiKey=k"]).GetRequiredService<IInboxClient>());
    }

    private static async Task<IEnumerable<string>> Refused(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddInboxClient(Section(settings));
        using var host = builder.Build();
        return (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Failures;
    }

    private static ServiceProvider Services(string[] settings, Action<InboxClientOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddInboxClient(Section(settings), configure);
        return services.BuildServiceProvider();
    }

    private static IConfigurationSection Section(string[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create("Inbox:" + pair[0], (string?)pair[1]))).Build().GetSection("Inbox");
}
