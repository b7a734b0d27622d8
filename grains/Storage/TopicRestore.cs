namespace OrleansInbox.Storage;

/// <summary>Subscribers of a backup.</summary>
internal static class TopicRestore
{
    /// <summary>All at once; and one by one, when a limit keeps out some of them.</summary>
    /// <returns>So many are subscribed.</returns>
    public static async Task<int> Restore(this ITopicStore topics, string topic, IReadOnlyList<string> users)
    {
        try
        {
            if (users.Count > 0) await topics.Change(topic, users, [], onlyIfOpen: false);
            return users.Count;
        }
        catch (TooManySubscriptionsException) when (users.Count > 1)
        {
            var restored = 0;
            foreach (var user in users) restored += await topics.Restore(topic, [user]);
            return restored;
        }
        catch (TooManySubscriptionsException)
        {
            return 0;
        }
    }
}
