namespace OrleansInbox.ClientApi.Demo;

/// <summary>A file of webhook deliveries, read once: what it publishes, and which of its lines could not be used.</summary>
/// <param name="Broken">Line numbers, from 1, with the reason.</param>
internal sealed record DemoFile(IReadOnlyList<DemoPublish> Publishes, int Deliveries, IReadOnlyList<(int Line, string Reason)> Broken)
{
    public static DemoFile Read(IEnumerable<string> lines)
    {
        var publishes = new List<DemoPublish>();
        var broken = new List<(int, string)>();
        var deliveries = 0;
        foreach (var (index, line) in lines.Index())
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                publishes.AddRange(WebhookNotifications.From(WebhookDelivery.Parse(line)));
                deliveries++;
            }
            catch (FormatException reason)
            {
                broken.Add((index + 1, reason.Message));
            }
        }
        return new(publishes, deliveries, broken);
    }

    /// <summary>Who gets something, those with most first.</summary>
    public IReadOnlyList<DemoPerson> People() =>
        [.. Publishes.GroupBy(publish => publish.User).Select(group => new DemoPerson(group.Key, group.Count())).OrderByDescending(person => person.Notifications).ThenBy(person => person.User, StringComparer.Ordinal)];
}

internal sealed record DemoPerson(string User, int Notifications);
