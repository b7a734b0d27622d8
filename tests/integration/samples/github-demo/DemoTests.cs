using System.Text.Json.Nodes;
using OrleansInbox.Samples.GithubDemo;
using OrleansInbox.Tests.ClientApi;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Samples.GithubDemo;

/// <summary>The whole sample against the real server.</summary>
[Collection(SqliteApi.Name)]
public sealed class DemoTests(SqliteApi api) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _author = ApiFixture.NewUser(), _reviewer = ApiFixture.NewUser();

    [Fact]
    public async Task A_run_publishes_to_everybody_concerned_and_a_second_one_adds_nothing()
    {
        var key = Path.Combine(_folder.FullName, "key");
        await File.WriteAllTextAsync(key, ApiServer.PublisherKey + "\n");

        var first = await Run(["--key-file", key], keyVariable: null);
        var second = await Run([], ApiServer.PublisherKey);

        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("1 deliveries, 2 notifications for 2 people, 1000 a second.", first.Output, StringComparison.Ordinal);
        Assert.Contains($"{api.Server.Address}?left={_author}&right={_reviewer}", first.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 published, 0 were there already, 0 refused.", first.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, second.Code);
        Assert.EndsWith("0 published, 2 were there already, 0 refused.", second.Output.TrimEnd(), StringComparison.Ordinal);
        foreach (var user in new[] { _author, _reviewer })
        {
            var item = Assert.Single((await api.Get(ApiFixture.Path(user)))["items"]!.AsArray())!;
            Assert.Equal($"bob asked {_reviewer} to review pull request #2: Update the README", item["title"]!.GetValue<string>());
            Assert.Equal("pull_request.review_requested", item["type"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_key_that_is_refused_ends_it_with_code_4()
    {
        var (code, _, error) = await Run([], "wrong");

        Assert.Equal(4, code);
        Assert.Contains("The API key is refused: 401 Unauthorized: The API key is not known.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_ends_it_with_code_3()
    {
        var (code, _, error) = await Run(["--url", "http://127.0.0.1:1"], "any");

        Assert.Equal(3, code);
        Assert.Contains("No server is ready at http://127.0.0.1:1/", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_it_ends_with_code_130()
    {
        using var interrupt = new CancellationTokenSource();
        await interrupt.CancelAsync();

        var (code, _, _) = await Run([], ApiServer.PublisherKey, interrupt.Token);

        Assert.Equal(130, code);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Code, string Output, string Error)> Run(string[] arguments, string? keyVariable, CancellationToken cancellation = default)
    {
        var file = Path.Combine(_folder.FullName, "deliveries.ndjson");
        var delivery = JsonNode.Parse($$$"""
            {"event":"pull_request","payload":{"action":"review_requested","requested_reviewer":{"login":"{{{_reviewer}}}"},
            "pull_request":{"number":2,"title":"Update the README","user":{"login":"{{{_author}}}"} },"sender":{"login":"bob"} } }
            """)!;
        await File.WriteAllTextAsync(file, delivery.ToJsonString() + "\n", CancellationToken.None);
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] url = arguments.Contains("--url") ? [] : ["--url", api.Server.Address.ToString()];
        var code = await OrleansInbox.Samples.GithubDemo.Program.Run([file, "--rate", "1000", .. url, .. arguments], keyVariable, output, error, terminal: false, cancellation);
        return ((int)code, output.ToString(), error.ToString());
    }
}
