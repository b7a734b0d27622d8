using OrleansInbox.Topics;

namespace OrleansInbox;

/// <summary>The body of a publish.</summary>
public static class PublishBody
{
    private const string _inner = "notification.";

    public static JsonBody.Parser<NewNotification> Parser(TimeProvider time) => (utf8, errors) => Parse(utf8, errors, time).Notification;

    /// <summary>With <c>except</c>.</summary>
    public static JsonBody.Parser<TopicPublish> TopicParser(TimeProvider time) => (utf8, errors) =>
    {
        var (notification, except) = Parse(utf8, errors, time, ofTopic: true);
        return new(notification, except ?? []);
    };

    private static (NewNotification Notification, string[]? Except) Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, TimeProvider time, bool ofTopic = false)
    {
        var fields = new BodyFields(utf8, errors);
        var (notification, except) = Read(ref fields, ofTopic);
        UserList.Check(errors, "except", except);
        if (except?.Length > TopicLimits.MaxUsers) errors.Add("except", $"Must have at most {TopicLimits.MaxUsers} users; this has {except.Length}.");
        // The grain checks every notification; here only when the request is refused anyway, so that one answer names all errors.
        if (!errors.IsEmpty && NotificationRules.Check(notification, time.GetUtcNow()) is { } more) errors.AddOther(more);
        return (notification, except);
    }

    /// <summary>A notification that is a member of another object, named <c>notification</c>.</summary>
    public static void Inner(ref BodyFields fields, ref NewNotification? notification)
    {
        if (!fields.BeginsObject(again: notification is not null)) return;
        var inner = fields.Enter(_inner);
        notification = Read(ref inner, ofTopic: false).Notification;
        fields.Leave(inner);
    }

    /// <summary>Checks what <see cref="Inner"/> has read, because its grain would name the members of another request.</summary>
    public static void Check(NewNotification? notification, DateTimeOffset now, FieldErrors errors)
    {
        if (notification is null) errors.AddOther(new Dictionary<string, string[]> { ["notification"] = ["Is missing."] });
        else if (NotificationRules.Check(notification, now) is { } more) errors.AddOther(more.ToDictionary(field => _inner + field.Key, field => field.Value));
    }

    /// <summary>Its members, up to the end of the object.</summary>
    private static (NewNotification Notification, string[]? Except) Read(ref BodyFields fields, bool ofTopic)
    {
        string? type = null, title = null, body = null, url = null, group = null, key = null;
        NotificationActor? actor = null;
        NotificationAction[]? actions = null;
        byte[]? data = null;
        string[]? except = null;
        Priority? priority = null;
        bool? mandatory = null, receipt = null;
        Fallback? fallback = null;
        DateTimeOffset? expiresAt = null, deliverAt = null;
        while (fields.Next())
        {
            if (fields.Is("type"u8)) fields.Text(ref type);
            else if (fields.Is("title"u8)) fields.Text(ref title);
            else if (fields.Is("body"u8)) fields.Text(ref body);
            else if (fields.Is("url"u8)) fields.Text(ref url);
            else if (fields.Is("actor"u8)) Actor(ref fields, ref actor);
            else if (fields.Is("actions"u8)) Actions(ref fields, ref actions);
            else if (fields.Is("group"u8)) fields.Text(ref group);
            else if (fields.Is("key"u8)) fields.Text(ref key);
            else if (fields.Is("data"u8)) fields.Raw(ref data);
            else if (fields.Is("priority"u8)) fields.Choice(ref priority, [("low", Priority.Low), ("normal", Priority.Normal), ("high", Priority.High)]);
            else if (ofTopic && fields.Is("except"u8)) fields.Texts(ref except);
            else if (fields.Is("expiresAt"u8)) fields.Time(ref expiresAt);
            else if (fields.Is("mandatory"u8)) fields.Flag(ref mandatory);
            else if (fields.Is("receipt"u8)) fields.Flag(ref receipt);
            else if (fields.Is("fallback"u8)) Fallback(ref fields, ref fallback);
            else if (fields.Is("deliverAt"u8)) fields.Time(ref deliverAt);
            else fields.Unknown();
        }
        var notification = new NewNotification
        {
            Type = type ?? "",
            Title = title ?? "",
            Body = body,
            Url = url,
            Group = group,
            CollapseKey = key,
            Actor = actor,
            Actions = actions,
            Data = data,
            Priority = priority,
            ExpiresAt = expiresAt,
            DeliverAt = deliverAt,
            Mandatory = mandatory == true,
            Receipt = receipt == true,
            Fallback = fallback,
        };
        return (notification, except);
    }

    private static void Actions(ref BodyFields fields, ref NotificationAction[]? actions)
    {
        if (!fields.BeginsArray(again: actions is not null)) return;
        var all = new List<NotificationAction>(NotificationRules.MaxActions);
        while (fields.NextElement())
        {
            if (!fields.BeginsObject(again: false)) continue;
            var inner = fields.Enter($"actions[{all.Count}].");
            string? id = null, label = null, url = null;
            while (inner.Next())
            {
                if (inner.Is("id"u8)) inner.Text(ref id);
                else if (inner.Is("label"u8)) inner.Text(ref label);
                else if (inner.Is("url"u8)) inner.Text(ref url);
                else inner.Unknown();
            }
            fields.Leave(inner);
            all.Add(new() { Id = id ?? "", Label = label ?? "", Url = url });
        }
        actions = [.. all];
    }

    private static void Fallback(ref BodyFields fields, ref Fallback? fallback)
    {
        if (!fields.BeginsObject(again: fallback is not null)) return;
        var inner = fields.Enter("fallback.");
        long? after = null;
        bool? unlessRead = null;
        while (inner.Next())
        {
            if (inner.Is("after"u8)) inner.Number(ref after);
            else if (inner.Is("unless"u8)) inner.Choice(ref unlessRead, [("seen", false), ("read", true)]);
            else inner.Unknown();
        }
        fields.Leave(inner);
        if (after is null) inner.Refuse("after", "Must be 60 to 2592000 seconds.");
        fallback = new() { After = TimeSpan.FromSeconds(Math.Clamp(after ?? 0, 0, int.MaxValue)), UnlessRead = unlessRead == true };
    }

    private static void Actor(ref BodyFields fields, ref NotificationActor? actor)
    {
        if (!fields.BeginsObject(again: actor is not null)) return;
        var inner = fields.Enter("actor.");
        string? id = null, name = null, avatarUrl = null;
        while (inner.Next())
        {
            if (inner.Is("id"u8)) inner.Text(ref id);
            else if (inner.Is("name"u8)) inner.Text(ref name);
            else if (inner.Is("avatarUrl"u8)) inner.Text(ref avatarUrl);
            else inner.Unknown();
        }
        fields.Leave(inner);
        actor = new() { Id = id, Name = name, AvatarUrl = avatarUrl };
    }
}
