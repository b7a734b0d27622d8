using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInbox.Chaos;

/// <summary>Something that a client saw or did, or that was done to the cluster. Times are seconds since the run began.</summary>
[JsonDerivedType(typeof(Acknowledged), "acknowledged"), JsonDerivedType(typeof(Unanswered), "unanswered"), JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Delivered), "delivered"), JsonDerivedType(typeof(Seen), "seen"), JsonDerivedType(typeof(Marked), "marked"), JsonDerivedType(typeof(Deed), "deed")]
[JsonDerivedType(typeof(Final), "final"), JsonDerivedType(typeof(Stored), "stored")]
[JsonDerivedType(typeof(View), "view"), JsonDerivedType(typeof(Refused), "refused"), JsonDerivedType(typeof(Scheduled), "scheduled"), JsonDerivedType(typeof(Cancelled), "cancelled")]
[JsonDerivedType(typeof(Came), "came"), JsonDerivedType(typeof(Snoozed), "snoozed"), JsonDerivedType(typeof(ToBeTold), "to-be-told"), JsonDerivedType(typeof(SeenUpTo), "seen-up-to"), JsonDerivedType(typeof(Told), "told"), JsonDerivedType(typeof(ToAll), "to-all")]
internal abstract record Happening(double At);

/// <summary>A publish was answered. The title is another one for each notification, so that it is known again wherever it shows up.</summary>
/// <param name="CollapseKey">What it is about; the inbox holds the newest of them alone.</param>
internal sealed record Acknowledged(double At, double Sent, string User, string Title, string Id, string? CollapseKey = null) : Happening(At);

/// <summary>A publish without a key of the client's was not answered: it may be there, once.</summary>
internal sealed record Unanswered(double At, string User, string Title) : Happening(At);

/// <summary>A reader connects; it resumes unless <paramref name="After"/> is null.</summary>
internal sealed record Opened(double At, string Reader, string User, string? After) : Happening(At);

/// <summary>A notification came live or by replay.</summary>
internal sealed record Delivered(double At, string Reader, string User, string Id, string Title) : Happening(At);

/// <summary>Any other event that a reader got: ready, marked, removed, reset.</summary>
internal sealed record Seen(double At, string Reader, string User, string Event, string? Id) : Happening(At);

/// <summary>What a reader held to be the state of the inbox when everything had come to rest.</summary>
internal sealed record View(double At, string Reader, string User, Counts? Counts) : Happening(At);

/// <summary>A mark was answered; marks of one user are made one after the other.</summary>
/// <param name="Action">read, unread, archive, unarchive, delete, or yes or no: what was chosen.</param>
/// <param name="Ids">Of which; of the first one and all below it with <paramref name="UpTo"/>.</param>
internal sealed record Marked(double At, string User, string Action, bool UpTo, string[] Ids) : Happening(At);

/// <summary>A publish for later was answered: it comes once, unless it is cancelled.</summary>
internal sealed record Scheduled(double At, string User, string Title) : Happening(At);

/// <summary>It was answered that it never comes.</summary>
internal sealed record Cancelled(double At, string User, string Title) : Happening(At);

/// <summary>It was answered that it has come before.</summary>
internal sealed record Came(double At, string User, string Title, string Id) : Happening(At);

/// <summary>A snooze of this notification was answered: it is gone, and comes back once under another id.</summary>
internal sealed record Snoozed(double At, string User, string Title, string Id) : Happening(At);

/// <summary>A notification of which the endpoint is to be told when it is not seen in time.</summary>
internal sealed record ToBeTold(double At, string User, string Id) : Happening(At);

/// <summary>It was answered that this one and all older ones are seen.</summary>
internal sealed record SeenUpTo(double At, string User, string Id) : Happening(At);

/// <summary>The endpoint was told; <paramref name="At"/> is when that was decided.</summary>
/// <param name="Event">The id of the event.</param>
internal sealed record Told(double At, string User, string Event, string[] Ids) : Happening(At);

/// <summary>A publish to all users, by topic or announcement, was answered: each has it once.</summary>
internal sealed record ToAll(double At, string Title) : Happening(At);

/// <summary>An answer that no client should get: neither a success nor "come back later".</summary>
internal sealed record Refused(double At, string What) : Happening(At);

/// <summary>What was done to the cluster.</summary>
internal sealed record Deed(double At, string Kind, string Target) : Happening(At)
{
    /// <summary>The target is well again.</summary>
    public const string Ready = "ready";
}

/// <summary>An inbox at the end, as the API shows it.</summary>
internal sealed record Final(double At, string User, Entry[] Entries, Counts Counts) : Happening(At);

/// <summary>An inbox at the end, as the log holds it.</summary>
internal sealed record Stored(double At, string User, LogEntry[] Entries) : Happening(At);

internal sealed record Entry(string Id, string Title, bool Read, bool Archived, string? Acted = null);

internal sealed record Counts(long Unread, long Total, string? Head, long Version)
{
    /// <summary>Versions and heads only grow: of two views the later one is known by them.</summary>
    public bool IsLaterThan(Counts? other) => other is null || Version > other.Version || (Version == other.Version && Place.SeqOf(Head) >= Place.SeqOf(other.Head));
}

/// <param name="Writer">The activation that wrote it.</param>
internal sealed record LogEntry(string Id, string Writer);

/// <summary>Everything that happened, in memory for the checker and in a file for whoever wants to look.</summary>
internal sealed class History : IDisposable
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<Happening> _all = new();
    private readonly StreamWriter? _file;

    public History(string? file = null) => _file = file is null ? null : new StreamWriter(file);

    public DateTimeOffset Began { get; } = DateTimeOffset.UtcNow;

    public double Now => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    public IReadOnlyCollection<Happening> All => _all;

    public void Note(Happening happening)
    {
        _all.Enqueue(happening);
        if (_file is null) return;
        var line = JsonSerializer.Serialize(happening);
        lock (_file) _file.WriteLine(line);
    }

    public void Dispose()
    {
        if (_file is null) return;
        lock (_file) _file.Dispose();
    }
}
