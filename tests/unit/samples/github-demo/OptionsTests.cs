using OrleansInbox.Samples.GithubDemo;

namespace OrleansInbox.Tests.Samples.GithubDemo;

public sealed class OptionsTests
{
    private static readonly string _file = typeof(OptionsTests).Assembly.Location;

    [Fact]
    public void A_file_and_a_key_are_enough()
    {
        var (options, mistakes) = Options.Read([_file], " secret\n");

        Assert.Empty(mistakes);
        Assert.Equal(("secret", new Uri("http://127.0.0.1:8080/"), 5d, TimeSpan.Zero), (options!.ApiKey, options.Url, options.Rate, options.Wait));
    }

    [Fact]
    public void Every_option_is_read_and_a_key_file_wins()
    {
        var (options, _) = Options.Read(["--url", "https://inbox.example/base", "--rate", "0.5", _file, "--wait", "60", "--key-file", "k"], "secret");

        Assert.Equal((null, "k", new Uri("https://inbox.example/base/"), 0.5, TimeSpan.FromMinutes(1)), (options!.ApiKey, options.KeyFile, options.Url, options.Rate, options.Wait));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var (options, mistakes) = Options.Read(["no-such-file", "--url", "ftp://x", "--rate", "0", "--wait", "soon", "--fast"], null);

        Assert.Null(options);
        string[] named = ["--fast is no option", "no file no-such-file", "--url", "--rate has to be above 0", "--wait", Options.KeyVariable];
        Assert.Equal(named.Length, mistakes.Count);
        Assert.All(named, name => Assert.Contains(mistakes, mistake => mistake.Contains(name, StringComparison.Ordinal)));
    }
}
