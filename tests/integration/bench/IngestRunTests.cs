using System.Text.Json;
using OrleansInbox.Bench;
using OrleansInbox.Tests.Grains.Ingest;

namespace OrleansInbox.Tests.Bench;

public sealed class IngestRunTests
{
    [Fact]
    public async Task Ingest_writes_a_backlog_and_waits_until_the_server_has_taken_it()
    {
        await using var ingest = await IngestFixture.Open();
        await ingest.Host(StreamPublisher.Stream);
        var (code, line) = await Run(ingest, "--entries 300 --users 3 --rounds 1");
        Assert.Equal(0, code);
        Assert.True(line.GetProperty("median").GetProperty("perSecond").GetDouble() > 0);
        Assert.Equal(0, await ingest.Publisher.Length());
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_is_an_error()
    {
        await using var ingest = await IngestFixture.Open();
        var (code, line) = await Run(ingest, "--entries 20 --rounds 1 --timeout 0.1");
        Assert.Equal(1, code);
        Assert.Equal(20, line.GetProperty("errors").GetProperty("entry still in the stream").GetInt32());
    }

    private static async Task<(int Code, JsonElement Line)> Run(IngestFixture ingest, string command)
    {
        var (options, mistakes) = OptionsReader.Read($"ingest --target ours=http://127.0.0.1:1,redis={ingest.Redis.Address} {command}".Split(' '));
        Assert.Empty(mistakes);
        using var output = new StringWriter();
        var code = await OrleansInbox.Bench.Program.Run(options!, output, TextWriter.Null, CancellationToken.None);
        return (code, JsonSerializer.Deserialize<JsonElement>(output.ToString()));
    }
}
