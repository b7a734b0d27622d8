namespace OrleansInbox.ClientApi.Inbox;

/// <summary>A caller is answered within 5 s, whatever the grain behind waits for.</summary>
internal static class GrainDeadline
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(4.5);

    /// <exception cref="TimeoutException">It took too long; it may still happen.</exception>
    public static Task<T> InTime<T>(this Task<T> call) => call.IsCompleted ? call : call.WaitAsync(_deadline);

    /// <inheritdoc cref="InTime{T}"/>
    public static Task InTime(this Task call) => call.IsCompleted ? call : call.WaitAsync(_deadline);
}
