using OrleansInbox.Samples.GithubDemo;

namespace OrleansInbox.Tests.Samples.GithubDemo;

public sealed class ProgressTests : IDisposable
{
    private readonly FakeTime _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void A_terminal_has_a_bar_that_fills()
    {
        var progress = new Progress(_output, terminal: true, total: 3, _time);
        for (var step = 0; step < 3; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            progress.Step();
        }
        progress.End();

        Assert.Equal("\r[##########....................] 1 of 3, 2.0 a second\r[####################..........] 2 of 3, 2.0 a second\r[##############################] 3 of 3, 2.0 a second\n", _output.ToString());
    }

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_file_has_a_line_each_ten_seconds()
    {
        var progress = new Progress(_output, terminal: false, total: 30, _time);
        for (var step = 0; step < 25; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            progress.Step();
        }
        progress.End();

        Assert.Equal("10 of 30, 1.0 a second\n20 of 30, 1.0 a second\n", _output.ToString());
    }
}
