using Orleans.Runtime;
using Orleans.Storage;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// Grain state beside the log, as Orleans' own Redis storage lays it out: a hash of <c>etag</c> and <c>data</c>. Unlike that one it can be written when Redis is
/// full: a delete writes marks, and without deletes a full Redis could not be emptied. A state stays small, and there is one for an inbox that has a log.
/// </summary>
public sealed class RedisStateStorage(RedisConnection redis, IGrainStorageSerializer serializer) : IGrainStorage, IStateTags
{
    private readonly RedisStateReads _reads = new(redis);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = await _reads.Read(Key(stateName, grainId));
        var (etag, data) = ((string?)found[0], (byte[]?)found[1]);
        if (data is null or []) Clear(grainState, etag);
        else (grainState.State, grainState.ETag, grainState.RecordExists) = (serializer.Deserialize<T>(new(data))!, etag, true);
    }

    /// <exception cref="InconsistentStateException">Somebody else wrote it since it was read.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.ETag = await Write(stateName, grainId, grainState.ETag, serializer.Serialize(grainState.State).ToMemory());
        grainState.RecordExists = true;
    }

    /// <inheritdoc cref="WriteStateAsync"/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Clear(grainState, await Write(stateName, grainId, grainState.ETag, default));

    public async Task<string?> TagOf(string stateName, GrainId grainId) => await redis.Read(database => database.HashGetAsync(Key(stateName, grainId), "etag", CommandFlags.DemandMaster));

    private async Task<string> Write(string stateName, GrainId id, string? known, ReadOnlyMemory<byte> data)
    {
        var next = Guid.NewGuid().ToString();
        var there = await redis.WriteWhenFull(RedisScript.State, [Key(stateName, id)], [0, known ?? "", next, data]);
        return there.IsNull ? next : throw new InconsistentStateException($"Somebody else wrote the state of {id}.", (string)there!, known ?? "");
    }

    /// <summary>Of an inbox in the log's hash slot.</summary>
    private static RedisKey Key(string stateName, GrainId id) => RedisKeys.State(id.Key.ToString()!, stateName);

    private static void Clear<T>(IGrainState<T> grainState, string? etag) =>
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), etag, false);
}
