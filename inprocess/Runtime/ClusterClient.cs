using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>Finds the class behind an interface, and hands out references.</summary>
internal sealed class ClusterClient(Silo silo) : IClusterClient
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), (GrainClass Class, Func<GrainReference> New)> _known = new();

    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey
    {
        ArgumentNullException.ThrowIfNull(primaryKey);
        var (grainClass, create) = _known.GetOrAdd((typeof(TGrainInterface), grainClassNamePrefix), static (it, silo) => (silo.ClassOf(Implementation(it.Interface, it.Prefix)), Proxies.For(it.Interface)), silo);
        var reference = create();
        (reference.Class, reference.Key) = (grainClass, primaryKey);
        return (TGrainInterface)(object)reference;
    }

    /// <summary>Inside one process the object is its own reference; a call to it runs on the caller's thread.</summary>
    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver => (TGrainObserverInterface)obj;

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver { }

    private static Type Implementation(Type grainInterface, string? prefix)
    {
        var candidates = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => Knows(assembly, grainInterface.Assembly)).SelectMany(Types)
            .Where(type => type is { IsClass: true, IsAbstract: false } && grainInterface.IsAssignableFrom(type) && typeof(IGrainBase).IsAssignableFrom(type))
            .Where(type => prefix is null || type.FullName!.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return candidates switch
        {
            [var only] => only,
            [] => throw new ArgumentException($"Could not find an implementation for interface {grainInterface}."),
            _ => throw new ArgumentException($"More than one class implements {grainInterface}: {string.Join(", ", candidates)}."),
        };
    }

    private static bool Knows(Assembly assembly, Assembly contracts) =>
        assembly == contracts || (!assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(name => name.Name == contracts.GetName().Name));

    private static IEnumerable<Type> Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>(); // an optional dependency of it is not there
        }
    }
}
