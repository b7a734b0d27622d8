using System.Globalization;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>On a terminal a bar that fills; elsewhere a line each ten seconds.</summary>
internal sealed class Progress(TextWriter output, bool terminal, int total, TimeProvider time)
{
    private const int Width = 30;
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(10);
    private readonly long _started = time.GetTimestamp();
    private long _lastLine = time.GetTimestamp();
    private int _done;

    public void Step()
    {
        _done++;
        if (terminal)
        {
            output.Write($"\r[{new string('#', _done * Width / total).PadRight(Width, '.')}] {Text()}");
            return;
        }
        if (time.GetElapsedTime(_lastLine) < _period) return;
        _lastLine = time.GetTimestamp();
        output.WriteLine(Text());
    }

    /// <summary>Ends the line of the bar: what is written next has a line of its own.</summary>
    public void End()
    {
        if (terminal && _done > 0) output.WriteLine();
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"{_done} of {total}, {_done / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 0.001):0.0} a second");
}
