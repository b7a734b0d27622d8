namespace OrleansInbox.Bench;

/// <summary>A verb: measures one round at one target, and leaves nothing open behind it.</summary>
internal interface IWorkload
{
    /// <summary>The figure that says how good a server is, for the ratios between targets.</summary>
    string MainFigure { get; }

    /// <returns>One sample per series. Failures are in the samples' errors; only <see cref="OperationCanceledException"/> of <paramref name="stop"/> is thrown.</returns>
    Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop);
}
