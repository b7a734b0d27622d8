namespace OrleansInbox.Bench.Comparisons;

/// <summary>A server that takes part. Disposing it ends every process that it started.</summary>
internal interface IServer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Starts it, or ends it and starts it again; what it stored stays.</summary>
    /// <returns>The load tool's <c>--target</c>, once the server answers. Its first pid is the process that was started.</returns>
    Task<string> Start(IReadOnlyList<string> settings, CancellationToken stop);
}
