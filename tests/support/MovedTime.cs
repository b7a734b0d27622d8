using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansInbox.Tests;

/// <summary>The real clock, moved: timers run as always, the date does not.</summary>
public sealed class MovedTime : TimeProvider
{
    private long _ticks;
    private long _stood;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>As if the process had been frozen: more time has gone by since the timers ran last.</summary>
    public void StandStill(TimeSpan time) => Interlocked.Add(ref _stood, (long)(time.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _stood);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Becomes the clock of everything but Orleans' membership, which writes the system's date and would find a silo on a later date dead.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(this);
        services.AddKeyedSingleton(TimeProviderNames.Membership, System);
    }
}
