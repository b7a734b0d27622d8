using Orleans.Runtime;

namespace OrleansInbox.Storage;

/// <summary>Grain storage that knows the ETag of a state without reading it.</summary>
internal interface IStateTags
{
    /// <returns>Null when there is no such state.</returns>
    Task<string?> TagOf(string stateName, GrainId grainId);
}
