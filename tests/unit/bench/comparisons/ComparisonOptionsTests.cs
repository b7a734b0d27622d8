using OrleansInbox.Bench.Comparisons;

namespace OrleansInbox.Tests.Bench.Comparisons;

public sealed class ComparisonOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compare-options-").FullName;
    private readonly string _server;

    public ComparisonOptionsTests() => File.WriteAllText(_server = Path.Combine(_folder, "server.dll"), "");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--speed 5", "--speed: no such option")]
    [InlineData("--rounds", "--rounds needs a value")]
    [InlineData("--rounds 0", "--rounds 0: a number from 1 to 99")]
    [InlineData("--steps publish,dance", "--steps dance: one or more of connections,publish,startup")]
    [InlineData("bare=p5", "--peers DIR is missing")]
    [InlineData("--peers {0} bare=p5", "there is no peer.sh in {0}")]
    [InlineData("bare", "'bare' is not NAME=PEER[+NEED]")]
    [InlineData("sql=p3+", "'sql=p3+' is not NAME=PEER[+NEED]")]
    [InlineData("ours-redis=p3", "'ours-redis=p3' is not NAME=PEER[+NEED]")]
    [InlineData("a=p1 a=p2", "two peers are called a")]
    [InlineData("--from {0}/none.json", "--from: there is no file {0}/none.json")]
    [InlineData("--server {0}/none.dll", "--server: there is no file '{0}/none.dll'")]
    public void A_mistake_is_named(string command, string mistake)
    {
        var mistakes = ComparisonOptions.Read(Words(command), out _);
        Assert.Contains(mistakes, m => m.Contains(mistake.Replace("{0}", _folder, StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void Peers_have_a_name_and_what_they_need()
    {
        File.WriteAllText(Path.Combine(_folder, "peer.sh"), "");
        Assert.Empty(ComparisonOptions.Read(Words("--server {0}/server.dll --peers {0} sql-table=p3+pg bare=p5 both=p2+pg+redis"), out var options));
        Assert.Equal(["sql-table p3 pg", "bare p5 ", "both p2 pg,redis"], options.Peers.Select(p => $"{p.Name} {p.Peer} {string.Join(',', p.Needs)}"));
    }

    [Fact]
    public void Defaults_measure_everything_and_a_quick_run_does_not_draw_over_the_real_figures()
    {
        Assert.Empty(ComparisonOptions.Read(Words("--root {0} --server {0}/server.dll"), out var full));
        Assert.Equal((3, Step.All.Length, Path.Combine(_folder, "docs/images"), Path.Combine(_folder, "data/compare/run.json")), (full.Rounds, full.Steps.Count, full.Images, full.Out));
        Assert.Empty(ComparisonOptions.Read(Words("--root {0} --server {0}/server.dll --quick --steps fanout5k,publish"), out var quick));
        Assert.Equal((1, Path.Combine(_folder, "data/compare")), (quick.Rounds, quick.Images));
        Assert.Equal(["publish", "fanout5k"], quick.Steps.Select(s => s.Name)); // in the order of the run
    }

    private string[] Words(string command) => [.. command.Split(' ').Select(w => w.Replace("{0}", _folder, StringComparison.Ordinal))];
}
