using Microsoft.Extensions.Configuration;
using OrleansInbox.Ingest;

namespace OrleansInbox.Tests.Grains.Ingest;

public sealed class IngestOptionsTests
{
    private static readonly TopologyOptions _redis = new() { Redis = "127.0.0.1:6379" };

    [Fact]
    public void Nothing_is_read_unless_streams_are_named()
    {
        Assert.Empty(Read([], new TopologyOptions()).Streams);
        var options = Read(new() { ["Ingest:Streams:0"] = "inbox-in:{default}:0", ["Ingest:Streams:1"] = "inbox-in:{a%2Fb}:orders", ["Ingest:Poll"] = "00:00:01", ["Ingest:Batch"] = "7" }, _redis);
        Assert.Equal(["inbox-in:{default}:0", "inbox-in:{a%2Fb}:orders"], options.Streams);
        Assert.Equal((TimeSpan.FromSeconds(1), 7), (options.Poll, options.Batch));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var failure = Assert.Throws<InvalidSettingsException>(() => Read(new()
        {
            ["Ingest:Streams:0"] = "inbox-in:default:0",
            ["Ingest:Streams:1"] = "inbox-in:{default}:0",
            ["Ingest:Streams:2"] = "inbox-in:{default}:0",
            ["Ingest:Batch"] = "0",
            ["Ingest:Pol"] = "1",
        }, new TopologyOptions { Role = ClusterRole.Client }));
        string[] said = ["Ingest:Streams:0 has to be", "Ingest:Streams:2 is the same stream", "needs ConnectionStrings:Redis", "a front-end alone", "Ingest:Batch has", "Ingest:Pol is not a setting"];
        Assert.All(said, part => Assert.Contains(part, failure.Message, StringComparison.Ordinal));
        Assert.Contains("is a list", Assert.Throws<InvalidSettingsException>(() => Read(new() { ["Ingest:Streams"] = "inbox-in:{default}:0" }, _redis)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inbox-in:{default}:0", "default")]
    [InlineData("inbox-in:{other%2Ftenant}:orders.eu_1", "other/tenant")]
    [InlineData("inbox-in:{%7Bbraces%7D}:0", "{braces}")]
    [InlineData("inbox-in:{}:0", null)]
    [InlineData("inbox-in:{a}:", null)]
    [InlineData("inbox-in:{a}:0:refused", null)]
    [InlineData("inbox-in:{a}:0\n", null)]
    [InlineData("inbox-in:{%00}:0", null)]
    [InlineData("inbox:{default}:0", null)]
    public void The_name_of_a_stream_has_its_tenant(string name, string? tenant) => Assert.Equal(tenant, IngestStream.Parse(name)?.Tenant);

    private static IngestOptions Read(Dictionary<string, string?> values, TopologyOptions topology)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var options = IngestOptions.Read(settings, topology);
        settings.ThrowIfInvalid();
        return options;
    }
}
