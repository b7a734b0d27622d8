using System.Globalization;

namespace OrleansInbox.Backups;

/// <summary>How far a backup or a restore is: a line that is written over on a terminal, else one every ten seconds.</summary>
/// <param name="output">Null: nobody looks.</param>
/// <param name="isTerminal">Whether a line can be written over.</param>
/// <param name="verb">What is done, as "backed up".</param>
/// <param name="time">The time.</param>
internal sealed class BackupProgress(TextWriter? output, bool isTerminal, string verb, TimeProvider time)
{
    private static readonly TimeSpan _onTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _inLog = TimeSpan.FromSeconds(10);

    private long _began = time.GetTimestamp();
    private long _said = time.GetTimestamp();
    private long? _total;
    private bool _isLineOpen;

    public static BackupProgress None => new(null, isTerminal: false, "", TimeProvider.System);

    /// <param name="total">Of the inboxes, when it is known.</param>
    public void Begin(long? total) => (_began, _said, _total) = (time.GetTimestamp(), time.GetTimestamp(), total);

    /// <param name="inboxes">So far.</param>
    /// <param name="bytes">So far, before compression.</param>
    public void Report(long inboxes, long bytes)
    {
        if (output is null || time.GetElapsedTime(_said) < (isTerminal ? _onTerminal : _inLog)) return;
        _said = time.GetTimestamp();
        var seconds = Math.Max(0.001, time.GetElapsedTime(_began).TotalSeconds);
        var part = _total is > 0 and var total ? string.Create(CultureInfo.InvariantCulture, $", {Math.Min(100, 100 * inboxes / total)} %") : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{inboxes:N0} inboxes {verb}{part}, {inboxes / seconds:N0} inboxes/s, {bytes / seconds / 1_048_576:N1} MiB/s");
        if (!isTerminal) output.WriteLine(line);
        else output.Write($"\r{line}\e[K");
        _isLineOpen = isTerminal;
    }

    /// <summary>The last line.</summary>
    public void End(string sentence)
    {
        if (_isLineOpen) output?.Write("\r\e[K");
        output?.WriteLine(sentence);
    }
}
