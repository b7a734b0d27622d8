using System.Buffers;
using System.Globalization;

namespace OrleansInbox.Topics;

/// <summary>Names of topics, and those of their jobs: <c>&lt;topic&gt;~&lt;number&gt;</c>, so that no index leads from a job to its topic.</summary>
public static class TopicName
{
    public const string Rule = "Must be 1 to 128 of A-Z, a-z, 0-9, '.', '_', ':' and '-', and not '.' or '..'.";
    private const int _maxLength = 128;
    private const char _ofJob = '~';

    private static readonly SearchValues<char> _characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static bool IsLegal(string? name) => name is { Length: > 0 and <= _maxLength } and not ("." or "..") && !name.AsSpan().ContainsAnyExcept(_characters);

    public static string OfJob(string topic, long number) => string.Create(CultureInfo.InvariantCulture, $"{topic}{_ofJob}{number}");

    public static bool TryParseJob(string? job, out string topic, out long number)
    {
        var at = job?.IndexOf(_ofJob, StringComparison.Ordinal) ?? -1;
        (topic, number) = (at > 0 ? job![..at] : "", 0);
        return IsLegal(topic) && at + 1 < job!.Length && job[at + 1] != '0' && long.TryParse(job.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
