using System.Globalization;

namespace OrleansInbox.Storage.Redis;

/// <summary>A process, as the lease names it: so that one on the same machine is known to be dead, and is not waited for.</summary>
/// <param name="Id">Random.</param>
/// <param name="Space">The boot of the machine and the namespace of process ids, where Linux tells them; else empty.</param>
/// <param name="Pid">In that namespace.</param>
/// <param name="Started">In ticks since the boot: another process may have the pid by now.</param>
/// <param name="Machine">For people.</param>
internal sealed record LeaseHolder(string Id, string Space, int Pid, string Started, string Machine)
{
    public static LeaseHolder Self()
    {
        var space = OperatingSystem.IsLinux() ? $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{new FileInfo("/proc/self/ns/pid").LinkTarget}" : "";
        return new(RandomId.New(bytes: 9), space, Environment.ProcessId, StartOf(Environment.ProcessId) ?? "", Environment.MachineName);
    }

    public static LeaseHolder? Parse(string text) =>
        text.Split(' ') is [var id, var space, var pid, var started, var machine] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(id, space, number, started, machine) : null;

    /// <summary>Certainly: it was a process of the same machine, and is none any more.</summary>
    public bool IsDead(LeaseHolder self) => Space.Length > 0 && Space == self.Space && StartOf(Pid) != Started;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Space} {Pid} {Started} {Machine.Replace(' ', '_')}");

    /// <returns>Null: there is no such process, or it has ended and nobody has asked for its exit code (proc(5)).</returns>
    private static string? StartOf(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name before it may have spaces
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
