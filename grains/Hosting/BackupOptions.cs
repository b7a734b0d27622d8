namespace OrleansInbox;

/// <summary>Section <c>Backup</c> of the configuration: when all inboxes are written to a file, and how much else may notice.</summary>
public sealed record BackupOptions
{
    private static readonly TimeSpan _leastTombstones = TimeSpan.FromDays(30);
    private static readonly TimeSpan _mostTombstones = TimeSpan.FromDays(3_650);

    /// <summary>The time from one backup to the next (1 min–30 days); null: none is made.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>The folder of the files; in a cluster one that all silos share.</summary>
    public string? Path { get; init; }

    /// <summary>So many of the newest files stay (1–1,000).</summary>
    public int Keep { get; init; } = 7;

    /// <summary>The part of the time in which a backup works, in percent (1–100); the rest it waits, for others to work.</summary>
    public int Pace { get; init; } = 10;

    /// <summary>How long it is known that a person was forgotten (1–3,650 days): as long as the oldest backup that may be restored is kept.</summary>
    public TimeSpan KeepTombstones { get; init; } = TimeSpan.FromDays(90);

    public static BackupOptions Read(SettingsReader settings)
    {
        var defaults = new BackupOptions();
        settings.OnlyKnown("Backup", nameof(Every), nameof(Path), nameof(Keep), nameof(Pace), nameof(KeepTombstones));
        TimeSpan? every = settings.Text("Backup:Every") is null ? null : settings.Time("Backup:Every", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        var path = settings.Text("Backup:Path");
        if (every is not null && path is null) settings.Violation("Backup:Every needs Backup:Path, the folder for the files.");
        var keep = settings.Number("Backup:Keep", defaults.Keep, 1, 1_000);
        return new()
        {
            Every = every,
            Path = path,
            Keep = keep,
            Pace = settings.Number("Backup:Pace", defaults.Pace, 1, 100),
            KeepTombstones = settings.Time("Backup:KeepTombstones", DefaultTombstones(every, keep) ?? defaults.KeepTombstones, TimeSpan.FromDays(1), _mostTombstones),
        };
    }

    /// <summary>Longer than the oldest of the files that are kept.</summary>
    private static TimeSpan? DefaultTombstones(TimeSpan? every, int keep) => every is not { } interval ? null
        : interval * (keep + 1) is var life && life < _leastTombstones ? _leastTombstones : life > _mostTombstones ? _mostTombstones : life;
}
