namespace OrleansInbox;

/// <summary>Section <c>Inbox</c>, read and checked.</summary>
public static class InboxSettings
{
    public static InboxOptions Read(SettingsReader settings)
    {
        var defaults = new InboxOptions();
        settings.OnlyKnown("Inbox", nameof(InboxOptions.DataPath), nameof(InboxOptions.Retention), nameof(InboxOptions.StorageTimeout),
            nameof(InboxOptions.SqliteSynchronous), nameof(InboxOptions.MaxWaitingAppends), nameof(InboxOptions.IdleAfter));
        settings.OnlyKnown("Inbox:Retention", nameof(RetentionOptions.MaxCount), nameof(RetentionOptions.MaxAge));
        return new()
        {
            DataPath = settings.Text("Inbox:DataPath") ?? defaults.DataPath,
            StorageTimeout = settings.Time("Inbox:StorageTimeout", defaults.StorageTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)),
            SqliteSynchronous = settings.OneOf("Inbox:SqliteSynchronous", defaults.SqliteSynchronous, "FULL", "NORMAL"),
            MaxWaitingAppends = settings.Number("Inbox:MaxWaitingAppends", defaults.MaxWaitingAppends, 1, 100_000),
            IdleAfter = settings.Time("Inbox:IdleAfter", defaults.IdleAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
            Retention = new()
            {
                MaxCount = settings.Number("Inbox:Retention:MaxCount", defaults.Retention.MaxCount, 1, 10_000_000),
                MaxAge = settings.Time("Inbox:Retention:MaxAge", defaults.Retention.MaxAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_650)),
            },
        };
    }
}
