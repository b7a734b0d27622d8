using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansInbox.Tests;

/// <summary>The real clock, moved; timers run as always.</summary>
public sealed class MovedTime : TimeProvider
{
    private long _ticks;
    private long _passed;

    /// <summary>So much time passes.</summary>
    public void Move(TimeSpan by)
    {
        Interlocked.Add(ref _passed, by.Ticks);
        Interlocked.Add(ref _ticks, by.Ticks);
    }

    /// <summary>The date changes, and no time passes.</summary>
    public void Leap(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _passed) / TimeSpan.TicksPerMillisecond * (TimestampFrequency / 1_000);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Becomes the clock of everything but Orleans' membership, which writes the system's date and would find a silo on a later date dead.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(this);
        services.AddKeyedSingleton(TimeProviderNames.Membership, System);
    }
}
