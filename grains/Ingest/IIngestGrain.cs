namespace OrleansInbox.Ingest;

/// <summary>The reader of one stream that publishers write to; the key is the stream's name. There is one in the cluster, on any silo.</summary>
[Alias("ingest")]
public interface IIngestGrain : IGrainWithStringKey
{
    /// <summary>Reads from now on, and for as long as this is called every few seconds: by every silo, so that there is a reader as long as there is a silo.</summary>
    [Alias("keep-reading")] Task KeepReading();
}
