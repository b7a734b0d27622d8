namespace Orleans;

public static class ServiceLifecycleStage
{
    public const int Active = 20_000;
}

public interface ILifecycleObservable;

public interface ILifecycleParticipant<in TLifecycleObservable> where TLifecycleObservable : ILifecycleObservable
{
    void Participate(TLifecycleObservable lifecycle);
}

/// <summary>Of a client of silos elsewhere; here none ever starts.</summary>
public interface IClusterClientLifecycle : ILifecycleObservable;

public static class LifecycleExtensions
{
    public static IDisposable Subscribe(this ILifecycleObservable observable, string observerName, int stage, Func<CancellationToken, Task> onStart) =>
        throw new NotSupportedException("Nothing starts here.");
}
