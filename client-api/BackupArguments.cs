using OrleansInbox.Backups;

namespace OrleansInbox.ClientApi;

/// <summary><c>--backup FILE</c> and <c>--restore FILE [--user U] [--tenant T]</c>: instead of serving. Arguments alone: an environment has a USER.</summary>
/// <param name="Backup">The file to write.</param>
/// <param name="Restore">The file to read.</param>
/// <param name="Tenant">For a restore.</param>
/// <param name="User">For a restore.</param>
internal sealed record BackupArguments(string? Backup, string? Restore, string? Tenant, string? User)
{
    /// <returns>Null when neither is asked for.</returns>
    /// <exception cref="InvalidSettingsException">They do not go together.</exception>
    public static BackupArguments? Parse(string[] args)
    {
        var named = new ConfigurationBuilder().AddCommandLine(args).Build();
        var read = new BackupArguments(named["backup"], named["restore"], named["tenant"], named["user"]);
        List<string> wrong = [];
        if (read is { Backup: not null, Restore: not null }) wrong.Add("--backup and --restore exclude each other.");
        if (read.Restore is null && (read.Tenant ?? read.User) is not null) wrong.Add("--user and --tenant are for --restore only.");
        if (read.Backup is "" || read.Restore is "") wrong.Add("--backup and --restore need a file.");
        if (read.User is { } user && !InboxKey.IsLegalUser(user)) wrong.Add("--user is no user id.");
        if (read.Tenant is { } tenant && !InboxKey.IsLegal(tenant)) wrong.Add("--tenant is no tenant.");
        if (wrong.Count > 0) throw new InvalidSettingsException(wrong);
        return read is { Backup: null, Restore: null } ? null : read;
    }

    /// <returns>The exit code.</returns>
    public Task<int> Run(string[] args)
    {
        var settings = new SettingsReader(Program.Builder(args).Configuration);
        var (inbox, topology) = (InboxOptions.Read(settings), TopologyOptions.Read(settings, defaultRole: ClusterRole.Embedded));
        settings.ThrowIfInvalid();
        var commands = new BackupCommands(inbox, topology, Console.Out, isTerminal: !Console.IsOutputRedirected);
        return Backup is not null ? commands.Backup(Backup) : commands.Restore(Restore!, Tenant, User);
    }
}
