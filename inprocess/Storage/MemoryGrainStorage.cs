using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.InProcess;

/// <summary>States as long as the process lives; kept as bytes, so that nobody changes them from outside.</summary>
internal sealed class MemoryGrainStorage(IGrainStorageSerializer serializer) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), Entry> _entries = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var entry = _entries.GetValueOrDefault((stateName, grainId));
        grainState.State = entry is null ? PersistentState.New<T>() : serializer.Deserialize<T>(entry.Data);
        (grainState.ETag, grainState.RecordExists) = (entry?.ETag, entry is not null);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var entry = new Entry(Guid.NewGuid().ToString("N"), serializer.Serialize(grainState.State));
        if (!(Known(key, grainState.ETag) is { } known ? _entries.TryUpdate(key, entry, known) : _entries.TryAdd(key, entry)))
            throw Conflict(key, grainState.ETag);
        (grainState.ETag, grainState.RecordExists) = (entry.ETag, true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        if (Known(key, grainState.ETag) is { } known && !_entries.TryRemove(new(key, known)))
            throw Conflict(key, grainState.ETag);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (PersistentState.New<T>(), null, false);
        return Task.CompletedTask;
    }

    private Entry? Known((string, GrainId) key, string? etag)
    {
        var entry = _entries.GetValueOrDefault(key);
        return entry?.ETag == etag ? entry : throw Conflict(key, etag);
    }

    private InconsistentStateException Conflict((string Name, GrainId Grain) key, string? etag) =>
        new($"\"{key.Name}\" of {key.Grain} was written by somebody else.", _entries.GetValueOrDefault(key)?.ETag, etag);

    private sealed record Entry(string ETag, BinaryData Data);
}

/// <summary>Where nobody registered another one.</summary>
internal sealed class PlainJson : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);
    public T? Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>();
}
