namespace OrleansInbox.Due;

/// <summary>Wakes the inboxes of one part of the index of what is due; the key is the part. There is one in the cluster, on any silo.</summary>
[Alias("due")]
public interface IDueGrain : IGrainWithIntegerKey
{
    /// <summary>Wakes from now on, and for as long as this is called every few seconds: by every silo.</summary>
    [Alias("keep-waking")] Task KeepWaking();
}
