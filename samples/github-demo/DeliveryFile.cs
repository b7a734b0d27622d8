namespace OrleansInbox.Samples.GithubDemo;

/// <summary>A file of webhook deliveries, read once: what it publishes, and which of its lines could not be used.</summary>
/// <param name="Publications">In the order of the file.</param>
/// <param name="Deliveries">How many lines could be used.</param>
/// <param name="Broken">Line numbers, from 1, with the reason.</param>
internal sealed record DeliveryFile(IReadOnlyList<Publication> Publications, int Deliveries, IReadOnlyList<(int Line, string Reason)> Broken)
{
    public static DeliveryFile Read(IEnumerable<string> lines)
    {
        var publications = new List<Publication>();
        var broken = new List<(int, string)>();
        var deliveries = 0;
        foreach (var (index, line) in lines.Index())
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                publications.AddRange(WebhookNotifications.From(WebhookDelivery.Parse(line)));
                deliveries++;
            }
            catch (FormatException reason)
            {
                broken.Add((index + 1, reason.Message));
            }
        }
        return new(publications, deliveries, broken);
    }

    /// <summary>Who gets something, those with most first.</summary>
    public IReadOnlyList<string> People() =>
        [.. Publications.GroupBy(publication => publication.User).OrderByDescending(inbox => inbox.Count()).ThenBy(inbox => inbox.Key, StringComparer.Ordinal).Select(inbox => inbox.Key)];
}
