using Orleans.InProcess;

namespace Orleans.Runtime;

/// <summary>What <see cref="IGrainFactory"/> hands out; <see cref="Proxies"/> derives a type for each grain interface.</summary>
public abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private Activation? _activation;

    public GrainId GrainId => GrainId.Create(Class.Type, Key);
    internal GrainClass Class { get; set; } = null!;
    internal string Key { get; set; } = "";

    public bool Equals(GrainReference? other) => other is not null && ReferenceEquals(Class, other.Class) && Key == other.Key;
    public override bool Equals(object? obj) => Equals(obj as GrainReference);
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);
    public override string ToString() => GrainId.ToString();

    /// <summary>Called by the derived types.</summary>
    internal Task Send<TArgs, TResult>(GrainMethod<TArgs, TResult> method, TArgs args)
    {
        try
        {
            if (!method.OneWay && SynchronizationContext.Current is not Activation)
            {
                if (_activation is null || _activation.IsOver)
                    _activation = Class.Find(Key);
                if (_activation.TryRun(method, args, this, out var answer))
                    return answer;
            }
            var call = new Call<TArgs, TResult>(method, this, args);
            Class.Deliver(call);
            if (method.OneWay)
                return Task.CompletedTask;
            Class.Silo.Pending.Add(call);
            return call.Answer;
        }
        catch (OrleansException exception)
        {
            return Task.FromException<TResult>(exception);
        }
    }
}
