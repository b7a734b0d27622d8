using System.Diagnostics;
using Orleans.Runtime;

namespace OrleansInbox.Tests;

/// <summary>Waits for other processes, which have no way to signal us: asks again, with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <param name="what">What is waited for.</param>
    public static async Task Is(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > _patience) throw new TimeoutException($"Waited {_patience} for {what}.");
            await Task.Delay(50); // a real process cannot tell when it is ready: asked again, with a deadline
        }
    }

    /// <param name="what">What is waited for, for the message when it does not come.</param>
    public static async Task Succeeds(Func<Task> action, string what)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await action();
                return;
            }
            catch (Exception e) when (e is StorageUnavailableException or OrleansException or TimeoutException) // storage is away, or a silo is: a caller makes it again
            {
                if (waited.Elapsed > _patience) throw new TimeoutException($"Waited {_patience} for {what}.", e);
                await Task.Delay(50); // a real process cannot tell when it is ready: asked again, with a deadline
            }
        }
    }
}
