using OrleansInbox.Topics;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>Topics in <see cref="SqliteDatabase"/>: subscribers are found by topic and by user, so that nothing is written beside an inbox.</summary>
public sealed class SqliteTopicStore(SqliteDatabase database, TopicLimits limits) : ITopicStore
{
    private long Now => database.Now.ToUnixTimeMilliseconds();

    public Task<bool> Change(string topic, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool onlyIfOpen) => database.Write(session =>
    {
        var (id, isOpen) = Find(session, topic);
        if (onlyIfOpen && !isOpen) return false;
        var added = add.Where(user => !IsSubscribed(session, id, user)).ToList();
        var removed = remove.Where(user => IsSubscribed(session, id, user)).ToList();
        if (added.Count > removed.Count && Count(session, topic) + added.Count - removed.Count > limits.Subscribers) throw new TooManySubscriptionsException($"A topic has at most {limits.Subscribers} subscribers.");
        if (added.Exists(user => Topics(session, topic, user).Count >= limits.Topics)) throw new TooManySubscriptionsException($"A user has at most {limits.Topics} topics.");
        if (added.Count + removed.Count == 0) return true;
        if (id == 0) id = Create(session, topic);
        foreach (var user in added)
            session.Prepare("INSERT INTO subscribers (topic, user, left_at) VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET left_at = 0").Bind(id).Bind(user).Execute();
        foreach (var user in removed) session.Prepare("UPDATE subscribers SET left_at = ? WHERE topic = ? AND user = ?").Bind(Now).Bind(id).Bind(user).Execute();
        session.Prepare("UPDATE topics SET subscribers = subscribers + ? WHERE id = ?").Bind(added.Count - removed.Count).Bind(id).Execute();
        if (removed.Count > 0) Prune(session, id);
        return true;
    }, whenFull: add.Count == 0);

    public Task<(bool IsSubscribed, bool IsOpen)> Subscription(string topic, string user) => database.Read(session =>
    {
        var (id, isOpen) = Find(session, topic);
        return (IsSubscribed(session, id, user), isOpen);
    });

    public Task<(bool IsOpen, long Subscribers)> Read(string topic) => database.Read(session => (Find(session, topic).IsOpen, Count(session, topic)));

    public Task SetOpen(string topic, bool isOpen) => database.Write(session =>
    {
        var (id, _) = Find(session, topic);
        session.Prepare("UPDATE topics SET open = ? WHERE id = ?").Bind(isOpen ? 1 : 0).Bind(id == 0 ? Create(session, topic) : id).Execute();
        return true;
    });

    public Task<IReadOnlyList<string>> Subscribers(string topic, string? after, int max) => database.Read(session => (IReadOnlyList<string>)Subscribers(session, Find(session, topic).Id, after, max));

    public Task<IReadOnlyList<string>> TopicsOf(string inbox) => database.Read(session => (IReadOnlyList<string>)Topics(session, inbox, InboxKey.Parse(inbox).User));

    public Task Forget(string inbox) => database.Write(session =>
    {
        var (tenant, user) = InboxKey.Parse(inbox);
        foreach (var (id, key, leftAt) in Rows(session, user))
        {
            if (InboxKey.Parse(key).Tenant != tenant) continue;
            session.Prepare("DELETE FROM subscribers WHERE topic = ? AND user = ?").Bind(id).Bind(user).Execute();
            if (leftAt == 0) session.Prepare("UPDATE topics SET subscribers = subscribers - 1 WHERE id = ?").Bind(id).Execute();
        }
        return true;
    }, whenFull: true);

    public Task<AddedTopicJob> AddJob(string topic, TopicWork work, string? idempotencyKey, TimeSpan keyLife) => database.Write(session =>
    {
        var (id, _) = Find(session, topic);
        if (idempotencyKey is not null)
        {
            var known = session.Prepare("SELECT job, users, fingerprint FROM topic_keys WHERE topic = ? AND key = ? AND forgotten > ?").Bind(id).Bind(IdempotencyHash.Of(idempotencyKey)).Bind(Now);
            if (known.Step())
            {
                var before = new AddedTopicJob(known.Integer(0), known.Integer(1), known.Text(2));
                known.Reset();
                return before;
            }
        }
        if (Integer(session.Prepare("SELECT count(*) FROM topic_jobs WHERE topic = ? AND forgotten = 0").Bind(id)) >= limits.Jobs) throw new TooManyJobsException($"At most {limits.Jobs} jobs wait in a topic.");
        if (id == 0) id = Create(session, topic);
        session.Prepare("UPDATE topics SET jobs = jobs + 1, wake = ? WHERE id = ?").Bind(Now).Bind(id).Execute();
        var number = Integer(session.Prepare("SELECT jobs FROM topics WHERE id = ?").Bind(id));
        var users = work.Retract is null ? Count(session, topic) : Integer(session.Prepare("SELECT count(*) FROM subscribers WHERE topic = ?").Bind(id));
        session.Prepare("INSERT INTO topic_jobs (topic, number, work, users, cursor, reached, muted, failed, forgotten) VALUES (?, ?, ?, ?, '', 0, 0, 0, 0)").Bind(id).Bind(number).Bind(work.ToJson()).Bind(users).Execute();
        if (idempotencyKey is not null)
            session.Prepare("INSERT OR REPLACE INTO topic_keys (topic, key, job, users, fingerprint, forgotten) VALUES (?, ?, ?, ?, ?, ?)")
                .Bind(id).Bind(IdempotencyHash.Of(idempotencyKey)).Bind(number).Bind(users).Bind(work.Fingerprint()).Bind(Now + (long)keyLife.TotalMilliseconds).Execute();
        return new AddedTopicJob(number, users, null);
    });

    public Task<TopicJob?> Job(string topic, long number) => database.Read(session => Job(session.Prepare($"{_jobs} WHERE topic = ? AND number = ? AND (forgotten = 0 OR forgotten > ?)").Bind(Find(session, topic).Id).Bind(number).Bind(Now)));

    public Task<TopicJob?> NextJob(string topic) => database.Read(session => Job(session.Prepare($"{_jobs} WHERE topic = ? AND forgotten = 0 ORDER BY number LIMIT 1").Bind(Find(session, topic).Id)));

    public Task<(IReadOnlyList<string> Users, string? Next)> Recipients(string topic, string cursor, int max, bool andLeft) => database.Read(session =>
    {
        var (id, _) = Find(session, topic);
        if (!cursor.StartsWith(TopicCursor.Left, StringComparison.Ordinal))
        {
            var page = Subscribers(session, id, TopicCursor.UserOf(cursor), max);
            return ((IReadOnlyList<string>)page, page.Count == max ? TopicCursor.Of(page[^1]) : andLeft ? TopicCursor.Left : null);
        }
        var (leftAt, user) = TopicCursor.PlaceOf(cursor);
        var rows = session.Prepare("SELECT user, left_at FROM subscribers WHERE topic = ? AND left_at > 0 AND (left_at, user) > (?, ?) ORDER BY left_at, user LIMIT ?").Bind(id).Bind(leftAt).Bind(user).Bind(max);
        var users = new List<string>();
        for (; rows.Step(); (leftAt, user) = (rows.Integer(1), users[^1])) users.Add(rows.Text(0));
        return ((IReadOnlyList<string>)users, users.Count == max ? TopicCursor.Of(leftAt, user) : null);
    });

    public Task<bool> Advance(string topic, TopicJob job, TopicProgress done, string? next) => database.Write(session =>
    {
        var (id, _) = Find(session, topic);
        var update = session.Prepare($"UPDATE topic_jobs SET cursor = ?, reached = reached + ?, muted = muted + ?, failed = failed + ?, forgotten = ?{(next is null ? ", work = x''" : "")} WHERE topic = ? AND number = ? AND cursor = ? AND forgotten = 0 RETURNING 1")
            .Bind(next ?? "").Bind(done.Reached).Bind(done.Muted).Bind(done.Failed).Bind(next is null ? Now + (long)limits.KeepJobs.TotalMilliseconds : 0).Bind(id).Bind(job.Number).Bind(job.Cursor);
        var isDone = false;
        while (update.Step()) isDone = true;
        if (next is null) session.Prepare("UPDATE topics SET wake = NULL WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM topic_jobs WHERE topic = ?1 AND forgotten = 0)").Bind(id).Execute();
        return isDone;
    }, whenFull: true);

    /// <summary>What a part of the index of what is due has of topics: those with jobs that wait.</summary>
    internal static void Due(SqliteSession session, long now, int max, List<DueItem> due)
    {
        var rows = session.Prepare("SELECT key, wake FROM topics WHERE wake <= ? ORDER BY wake LIMIT ?").Bind(now).Bind(max);
        while (rows.Step()) due.Add(new(rows.Text(0), Waiting.TopicId, DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(1))));
    }

    internal static void Postpone(SqliteSession session, DueItem item, DateTimeOffset until) =>
        session.Prepare("UPDATE topics SET wake = ? WHERE key = ? AND wake IS NOT NULL").Bind(until.ToUnixTimeMilliseconds()).Bind(item.Inbox).Execute();

    /// <summary>Jobs and their keys whose time is up.</summary>
    internal static void Drop(SqliteSession session, long now)
    {
        session.Prepare("DELETE FROM topic_jobs WHERE forgotten BETWEEN 1 AND ?").Bind(now).Execute();
        session.Prepare("DELETE FROM topic_keys WHERE forgotten <= ?").Bind(now).Execute();
    }

    private const string _jobs = "SELECT number, users, cursor, reached, muted, failed, work, forgotten FROM topic_jobs";

    private static TopicJob? Job(SqliteStatement row)
    {
        if (!row.Step()) return null;
        var job = new TopicJob(row.Integer(0), row.Integer(1), row.Text(2), new(row.Integer(3), row.Integer(4), row.Integer(5)), row.Integer(7) == 0 ? TopicWork.Parse(row.Bytes(6)) : null);
        row.Reset();
        return job;
    }

    private static List<string> Subscribers(SqliteSession session, long id, string? after, int max)
    {
        var rows = session.Prepare("SELECT user FROM subscribers WHERE topic = ? AND user > ? AND left_at = 0 ORDER BY user LIMIT ?").Bind(id).Bind(after ?? "").Bind(max);
        var users = new List<string>();
        while (rows.Step()) users.Add(rows.Text(0));
        return users;
    }

    /// <param name="key">Of the inbox, or of anything of its tenant.</param>
    private static List<string> Topics(SqliteSession session, string key, string user)
    {
        var tenant = InboxKey.Parse(key).Tenant;
        var topics = Rows(session, user).Where(static row => row.LeftAt == 0).Select(static row => InboxKey.Parse(row.Key)).Where(topic => topic.Tenant == tenant).Select(static topic => topic.User).ToList();
        topics.Sort(StringComparer.Ordinal);
        return topics;
    }

    /// <summary>Of the user in all tenants.</summary>
    private static List<(long Id, string Key, long LeftAt)> Rows(SqliteSession session, string user)
    {
        var rows = session.Prepare("SELECT topics.id, topics.key, left_at FROM subscribers JOIN topics ON topics.id = subscribers.topic WHERE user = ?").Bind(user);
        var found = new List<(long, string, long)>();
        while (rows.Step()) found.Add((rows.Integer(0), rows.Text(1), rows.Integer(2)));
        return found;
    }

    private void Prune(SqliteSession session, long id)
    {
        session.Prepare("DELETE FROM subscribers WHERE topic = ? AND left_at BETWEEN 1 AND ?").Bind(id).Bind(Now - (long)limits.KeepLeft.TotalMilliseconds).Execute();
        session.Prepare("DELETE FROM subscribers WHERE (topic, user) IN (SELECT topic, user FROM subscribers WHERE topic = ? AND left_at > 0 ORDER BY left_at DESC, user DESC LIMIT -1 OFFSET ?)").Bind(id).Bind(limits.Left).Execute();
    }

    private static bool IsSubscribed(SqliteSession session, long id, string user) => Integer(session.Prepare("SELECT count(*) FROM subscribers WHERE topic = ? AND user = ? AND left_at = 0").Bind(id).Bind(user)) > 0;

    private static long Count(SqliteSession session, string topic) => Integer(session.Prepare("SELECT coalesce(max(subscribers), 0) FROM topics WHERE key = ?").Bind(topic));

    /// <returns>0 when there is nothing of the topic.</returns>
    private static (long Id, bool IsOpen) Find(SqliteSession session, string topic)
    {
        var find = session.Prepare("SELECT id, open FROM topics WHERE key = ?").Bind(topic);
        if (!find.Step()) return default;
        var found = (find.Integer(0), find.Integer(1) != 0);
        find.Reset();
        return found;
    }

    private static long Create(SqliteSession session, string topic)
    {
        session.Prepare("INSERT INTO topics (key, open, subscribers, jobs) VALUES (?, 0, 0, 0)").Bind(topic).Execute();
        return Find(session, topic).Id;
    }

    private static long Integer(SqliteStatement row)
    {
        row.Step();
        var value = row.Integer(0);
        row.Reset();
        return value;
    }
}
