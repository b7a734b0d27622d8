using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>A grain class of a silo, and its activations by key.</summary>
internal sealed class GrainClass
{
    private readonly ConcurrentDictionary<string, Activation> _activations = new(StringComparer.Ordinal);
    private readonly ObjectFactory _create;
    private readonly Func<Activation, object>[] _facets;

    public GrainClass(Silo silo, Type type)
    {
        (Silo, IsReentrant, Type) = (silo, type.IsDefined(typeof(ReentrantAttribute)), NameOf(type));
        var parameters = type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => parameter.IsDefined(typeof(PersistentStateAttribute))).ToArray();
        _facets = [.. parameters.Select(parameter => PersistentState.Facet(parameter.ParameterType, parameter.GetCustomAttribute<PersistentStateAttribute>()!))];
        _create = ActivatorUtilities.CreateFactory(type, [.. parameters.Select(parameter => parameter.ParameterType)]);
    }

    public Silo Silo { get; }
    public bool IsReentrant { get; }
    public GrainType Type { get; }
    public IEnumerable<Activation> Activations => _activations.Select(pair => pair.Value);

    public object Create(Activation activation) => _create(activation.ActivationServices, [.. _facets.Select(facet => facet(activation))]);

    public Activation Find(string key)
    {
        if (_activations.TryGetValue(key, out var activation))
            return activation;
        if (Silo.IsStopping)
            throw new SiloUnavailableException("The silo is stopping: grains are not activated any more.");
        return _activations.GetOrAdd(key, static (key, self) => new Activation(self, key), this);
    }

    public void Deliver(Call call)
    {
        try
        {
            while (!Find(call.Target.Key).Enqueue(call))
                continue; // over: whoever ended it has removed it, or is about to
        }
        catch (SiloUnavailableException exception)
        {
            call.Fail(exception);
        }
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.Key, activation));

    /// <summary>As Orleans names it, for storage keys.</summary>
    private static GrainType NameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute)
            return GrainType.Create(attribute.GrainType);
#pragma warning disable CA1308 // Orleans' convention is lower case
        var name = type.Name.ToLowerInvariant();
#pragma warning restore CA1308
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }
}
