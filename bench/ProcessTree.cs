using System.Globalization;

namespace OrleansInbox.Bench;

/// <summary>CPU time and memory of processes and all their children, from /proc (a Node cluster, nginx and PostgreSQL are trees).</summary>
internal static class ProcessTree
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    public static Dictionary<int, double> CpuSeconds(IReadOnlyList<int> roots) => Under(roots).ToDictionary(p => p.Pid, p => p.Cpu);

    /// <summary>What the trees used between two readings; a process that started meanwhile counts from zero.</summary>
    public static double Used(Dictionary<int, double> before, Dictionary<int, double> after) =>
        after.Sum(p => Math.Max(0, p.Value - before.GetValueOrDefault(p.Key)));

    /// <returns>Seconds since the process was started, NaN when it has ended.</returns>
    public static double AgeSeconds(int pid) =>
        Lines("/proc/uptime") is [var uptime, ..] && Lines($"/proc/{pid}/stat") is [var stat, ..]
            ? double.Parse(uptime.Split(' ')[0], CultureInfo.InvariantCulture) - long.Parse(Fields(stat)[19], CultureInfo.InvariantCulture) / TicksPerSecond
            : double.NaN;

    /// <returns>Bytes. PSS divides what processes share among them, so only PSS adds up over a tree.</returns>
    public static (long Rss, long Pss) Memory(IReadOnlyList<int> roots)
    {
        var (rss, pss) = (0L, 0L);
        foreach (var (pid, _) in Under(roots))
        {
            foreach (var line in Lines($"/proc/{pid}/smaps_rollup"))
            {
                if (line.StartsWith("Rss:", StringComparison.Ordinal)) rss += Kilobytes(line);
                else if (line.StartsWith("Pss:", StringComparison.Ordinal)) pss += Kilobytes(line);
            }
        }
        return (rss, pss);
    }

    private static long Kilobytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private static List<(int Pid, double Cpu)> Under(IReadOnlyList<int> roots)
    {
        if (roots.Count == 0) return [];
        var all = new Dictionary<int, (int Parent, double Cpu)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), out var pid) || Lines(folder + "/stat") is not [var stat, ..]) continue;
            var fields = Fields(stat);
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            all[pid] = (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks / TicksPerSecond);
        }
        return [.. all.Where(p => IsUnder(p.Key)).Select(p => (p.Key, p.Value.Cpu))];

        bool IsUnder(int pid)
        {
            for (var depth = 0; depth < 32 && all.TryGetValue(pid, out var process); depth++, pid = process.Parent)
                if (roots.Contains(pid)) return true;
            return false;
        }
    }

    /// <summary>From the third on, counted from 0 (proc_pid_stat(5)): the name in parentheses before them may hold anything.</summary>
    private static string[] Fields(string stat) => stat[(stat.LastIndexOf(')') + 2)..].Split(' ');

    private static string[] Lines(string path)
    {
        try { return File.ReadAllLines(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; } // it ended meanwhile
    }
}
