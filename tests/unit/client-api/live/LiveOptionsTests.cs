using Microsoft.Extensions.Configuration;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

public sealed class LiveOptionsTests
{
    [Fact]
    public void Every_wrong_setting_is_reported_at_once()
    {
        var (_, violations) = Read(new()
        {
            ["Live:QueuePerConnection"] = "0",
            ["Live:QueuedBytesPerUser"] = "65535",
            ["Live:FlushTimeout"] = "00:00:00.9",
            ["Live:ConnectionsPerUser"] = "many",
            ["Live:QueuedBytes"] = "1",
        });
        Assert.Equal(5, violations.Count);
        Assert.Contains("Live:QueuedBytesPerUser has to be a whole number from 65,536 to 268,435,456.", violations);
        Assert.Contains("Live:FlushTimeout has to be a time from 00:00:01 to 00:05:00, written [d.]hh:mm:ss.", violations);
    }

    [Fact]
    public void What_is_set_is_taken_and_the_rest_has_defaults()
    {
        var (options, violations) = Read(new() { ["Live:QueuedBytesPerUser"] = "65536", ["Live:FlushTimeout"] = "00:00:30" });
        Assert.Empty(violations);
        Assert.Equal((65_536, TimeSpan.FromSeconds(30), 256, 64), (options.QueuedBytesPerUser, options.FlushTimeout, options.QueuePerConnection, options.ConnectionsPerUser));
        var (defaults, _) = Read([]);
        Assert.Equal((1_048_576, TimeSpan.FromSeconds(10)), (defaults.QueuedBytesPerUser, defaults.FlushTimeout));
    }

    private static (LiveOptions Options, IReadOnlyCollection<string> Violations) Read(Dictionary<string, string?> values)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        return (LiveOptions.Read(settings, ClusterRole.Embedded), settings.Violations);
    }
}
