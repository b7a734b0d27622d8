namespace OrleansInbox;

/// <summary>Section <c>Inbox</c> of the configuration.</summary>
public sealed record InboxOptions
{
    /// <summary>The folder of the SQLite file when no Redis is configured, and of the development credentials. Created when it is missing.</summary>
    public string DataPath { get; init; } = "data";

    public RetentionOptions Retention { get; init; } = new();

    public BackupOptions Backup { get; init; } = new();

    /// <summary>A storage call that takes longer has failed (1–4 s: the caller's answer stays within 5 s).</summary>
    public TimeSpan StorageTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A scan of an inbox (a filter, counts or a mark by type or group) that takes longer, its wait for those before it included, is answered 503 (0.1–4 s).</summary>
    public TimeSpan ScanTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>SQLite's <c>synchronous</c>: <c>FULL</c> loses nothing at a power cut, <c>NORMAL</c> the last moments.</summary>
    public string SqliteSynchronous { get; init; } = "FULL";

    /// <summary><c>Storage:AllowUnsafe</c>: start on a Redis that drops what it acknowledged when its memory is full.</summary>
    public bool AllowUnsafe { get; init; }

    /// <summary><c>Storage:WaitForOther</c>: how long the start of one process waits for another that has the same Redis, before it refuses (0–10 min).</summary>
    public TimeSpan WaitForOther { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary><c>Storage:WaitReplicas</c>: a write is answered when so many replicas of Redis have it, too; after a second without them 503 (0–3).</summary>
    public int WaitReplicas { get; init; }

    /// <summary>Appends that may wait in one inbox; the publisher of one more is answered 503 (1–100,000).</summary>
    public int MaxWaitingAppends { get; init; } = 10_000;

    /// <summary>An inbox that is neither called nor watched leaves memory after this time (1 min–1 day).</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a silo looks for what is due: scheduled and snoozed notifications (0.1–5 s).</summary>
    public TimeSpan DuePoll { get; init; } = TimeSpan.FromSeconds(1);

    public static InboxOptions Read(SettingsReader settings)
    {
        var defaults = new InboxOptions();
        settings.OnlyKnown("Inbox", nameof(DataPath), nameof(Retention), nameof(StorageTimeout), nameof(ScanTimeout), nameof(SqliteSynchronous), nameof(MaxWaitingAppends), nameof(IdleAfter), nameof(DuePoll));
        if (settings.Text("Storage:WaitReplicas") is not (null or "0") && settings.Text("ConnectionStrings:Redis") is null)
            settings.Violation("Storage:WaitReplicas is about replicas of Redis, and ConnectionStrings:Redis is not set.");
        settings.OnlyKnown("Storage", nameof(AllowUnsafe), nameof(WaitForOther), nameof(WaitReplicas));
        return new()
        {
            AllowUnsafe = settings.OneOf("Storage:AllowUnsafe", "false", "true", "false") == "true",
            WaitForOther = settings.Time("Storage:WaitForOther", defaults.WaitForOther, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            WaitReplicas = settings.Number("Storage:WaitReplicas", defaults.WaitReplicas, 0, 3),
            DataPath = settings.Text("Inbox:DataPath") ?? defaults.DataPath,
            Retention = RetentionOptions.Read(settings),
            Backup = BackupOptions.Read(settings),
            StorageTimeout = settings.Time("Inbox:StorageTimeout", defaults.StorageTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)),
            ScanTimeout = settings.Time("Inbox:ScanTimeout", defaults.ScanTimeout, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(4)),
            SqliteSynchronous = settings.OneOf("Inbox:SqliteSynchronous", defaults.SqliteSynchronous, "FULL", "NORMAL"),
            MaxWaitingAppends = settings.Number("Inbox:MaxWaitingAppends", defaults.MaxWaitingAppends, 1, 100_000),
            IdleAfter = settings.Time("Inbox:IdleAfter", defaults.IdleAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
            DuePoll = settings.Time("Inbox:DuePoll", defaults.DuePoll, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(5)),
        };
    }
}
