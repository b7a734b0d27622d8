using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>Grain state in <see cref="SqliteDatabase"/>. ETags are never used twice, so that stale knowledge is refused even after a clear.</summary>
public sealed class SqliteGrainStorage(SqliteDatabase database, IGrainStorageSerializer serializer) : IGrainStorage, IStateTags
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        var (etag, value) = await database.Read(session =>
        {
            var find = session.Prepare("SELECT etag, value FROM states WHERE key = ?").Bind(key);
            (string?, byte[]?) found = find.Step() ? (find.Text(0), find.Bytes(1)) : default;
            find.Reset();
            return found;
        });
        if (value is null) Clear(grainState);
        else (grainState.State, grainState.ETag, grainState.RecordExists) = (serializer.Deserialize<T>(new(value))!, etag!, true);
    }

    public Task<string?> TagOf(string stateName, GrainId grainId) => database.Read(session =>
    {
        var find = session.Prepare("SELECT etag FROM states WHERE key = ?").Bind(Key(stateName, grainId));
        var found = find.Step() ? find.Text(0) : null;
        find.Reset();
        return found;
    });

    /// <exception cref="InconsistentStateException">Somebody else wrote it since it was read.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, known, next) = (Key(stateName, grainId), grainState.ETag, Guid.NewGuid().ToString("N"));
        var value = serializer.Serialize(grainState.State); // now: the grain may go on changing it while this waits
        await database.Write(session =>
        {
            RefuseStale(session, key, known);
            session.Prepare("INSERT OR REPLACE INTO states (key, etag, value) VALUES (?, ?, ?)").Bind(key).Bind(next).Bind(value.ToMemory().Span).Execute();
            return true;
        }, whenFull: true);
        (grainState.ETag, grainState.RecordExists) = (next, true);
    }

    /// <inheritdoc cref="WriteStateAsync"/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, known) = (Key(stateName, grainId), grainState.ETag);
        await database.Write(session =>
        {
            RefuseStale(session, key, known);
            session.Prepare("DELETE FROM states WHERE key = ?").Bind(key).Execute();
            return true;
        }, whenFull: true);
        Clear(grainState);
    }

    /// <summary>The row of an inbox' marks.</summary>
    internal static string MarksKey(string inbox) => MarksPrefix + inbox;

    internal const string MarksPrefix = "marks/inbox/";

    private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    private static void RefuseStale(SqliteSession session, string key, string? known)
    {
        var find = session.Prepare("SELECT etag FROM states WHERE key = ?").Bind(key);
        var stored = find.Step() ? find.Text(0) : null;
        find.Reset();
        if (stored != known) throw new InconsistentStateException($"Somebody else wrote the state {key}.", stored ?? "", known ?? "");
    }

    private static void Clear<T>(IGrainState<T> grainState) =>
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null!, false);
}
