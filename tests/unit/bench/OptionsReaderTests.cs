using OrleansInbox.Bench;

namespace OrleansInbox.Tests.Bench;

public sealed class OptionsReaderTests
{
    private const string Url = "http://127.0.0.1:7106";

    [Theory]
    [InlineData("", "the first argument is the verb")]
    [InlineData("dance", "not 'dance'")]
    [InlineData("publish", "--target NAME=URL is missing")]
    [InlineData("publish --target nothing", "'nothing' is not NAME=URL")]
    [InlineData("publish --target a=https://127.0.0.1", "no TLS")]
    [InlineData("publish --target a=http://127.0.0.1/v1", "no path")]
    [InlineData("publish --target a=http://127.0.0.1:1,auth=", "auth is empty")]
    [InlineData("publish --target a=http://127.0.0.1:1,auth=@/no/such/file", "auth: ")]
    [InlineData("publish --target a=http://127.0.0.1:1,pids=x", "pids: 'x' is no running process")]
    [InlineData("publish --target a=http://127.0.0.1:1 --target a=http://127.0.0.1:2", "two targets are called a")]
    [InlineData("publish --target a=http://127.0.0.1:1 --ratio-to b", "--ratio-to b: no target")]
    [InlineData("publish --target a=http://127.0.0.1:1 --users 0", "--users 0: a number from 1 to 1000000")]
    [InlineData("publish --target a=http://127.0.0.1:1 --users", "--users needs a value")]
    [InlineData("publish --target a=http://127.0.0.1:1 --users 1 --users 2", "--users is given twice")]
    [InlineData("publish --target a=http://127.0.0.1:1 --entries 5", "--entries means nothing to publish")]
    [InlineData("publish --target a=http://127.0.0.1:1 --speed 5", "--speed: no such option")]
    [InlineData("publish --target a=http://127.0.0.1:1 --prefix a/b", "--prefix: ")]
    [InlineData("list --target a=http://127.0.0.1:1 --page last", "--page last")]
    [InlineData("connections --target a=http://127.0.0.1:1", "connections looks at processes, so it needs pids")]
    [InlineData("idle --target a=http://127.0.0.1:1", "idle looks at processes, so it needs pids")]
    public void A_mistake_is_named(string command, string mistake)
    {
        var (options, mistakes) = Read(command);
        Assert.Null(options);
        Assert.Contains(mistakes, m => m.Contains(mistake, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        var (_, mistakes) = Read("fanout --target x --rate 0 --foo 1");
        Assert.Equal(3, mistakes.Count(m => m.Contains("--target", StringComparison.Ordinal) || m.Contains("--rate", StringComparison.Ordinal) || m.Contains("--foo", StringComparison.Ordinal)));
    }

    [Fact]
    public void Defaults_depend_on_the_verb()
    {
        Assert.Equal((64, 1000, 3), (Options("publish").Connections, Options("publish").Users, Options("publish").Rounds));
        Assert.Equal((1000, 1000, 500), (Options("fanout").Streams, Options("fanout").Users, Options("fanout").Rate));
        Assert.Equal(70, Options("fanout --streams 70").Users);
        Assert.Equal(7, Options("fanout --streams 70 --users 7").Users);
        Assert.Equal((32, 10), (Options("list").Connections, Options("list").Entries));
    }

    [Fact]
    public void A_target_has_a_header_and_pids_and_does_not_print_the_header()
    {
        var target = Target.Parse($"ours={Url},auth=ApiKey a,b,pids={Environment.ProcessId},{Environment.ProcessId}", out var mistake);
        Assert.Equal("", mistake);
        Assert.Equal("ApiKey a,b", target!.Authorization);
        Assert.Equal([Environment.ProcessId, Environment.ProcessId], target.Pids);
        Assert.Equal("ours (http://127.0.0.1:7106)", target.ToString());
    }

    [Fact]
    public void The_header_can_come_from_a_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "ApiKey from-file\n");
            Assert.Equal("ApiKey from-file", Target.Parse($"a={Url},auth=@{file}", out _)!.Authorization);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Help_names_every_option() => Assert.All(Setting.All, s => Assert.Contains($"--{s.Name} ", OptionsReader.Help(), StringComparison.Ordinal));

    private static Options Options(string command) => Read($"{command} --target a={Url}").Options!;

    private static (Options? Options, IReadOnlyList<string> Mistakes) Read(string command) => OptionsReader.Read(command.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
