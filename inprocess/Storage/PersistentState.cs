using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.InProcess;

internal interface IStateFacet : IStorage;

internal static class PersistentState
{
    /// <summary>What makes the state of a constructor parameter <c>IPersistentState&lt;T&gt;</c>.</summary>
    public static Func<Activation, object> Facet(Type parameter, PersistentStateAttribute attribute)
    {
        if (!parameter.IsGenericType || parameter.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new OrleansConfigurationException($"A parameter with [PersistentState] has to be an IPersistentState<T>, not {parameter}.");
        var type = typeof(PersistentState<>).MakeGenericType(parameter.GetGenericArguments());
        var create = ActivatorUtilities.CreateFactory(type, [typeof(string), typeof(Activation), typeof(IGrainStorage)]);
        return activation =>
        {
            var storage = string.IsNullOrEmpty(attribute.StorageName)
                ? activation.ActivationServices.GetService<IGrainStorage>()
                : activation.ActivationServices.GetKeyedService<IGrainStorage>(attribute.StorageName);
            if (storage is null)
                throw new OrleansConfigurationException($"{activation.GrainId.Type} asks for a storage named \"{attribute.StorageName ?? "Default"}\", and there is none.");
            var state = (IStateFacet)create(activation.ActivationServices, [attribute.StateName, activation, storage]);
            activation.Add(state);
            return state;
        };
    }

    /// <summary>An empty state, as Orleans makes one.</summary>
    public static T New<T>() => typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
        ? Activator.CreateInstance<T>()
        : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
}

/// <summary>One state of one activation. Its operations run one after the other, whoever interleaves.</summary>
internal sealed class PersistentState<T>(string name, Activation activation, IGrainStorage storage) : IPersistentState<T>, IStateFacet
{
    private readonly GrainState<T> _state = new();
    private Task _last = Task.CompletedTask;
    private int _underWay;

    public T State
    {
        get => _state.State ??= PersistentState.New<T>();
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;
    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);
    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);
    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);
    public Task ReadStateAsync(CancellationToken cancellationToken) => _last = Next("read", _last, () => storage.ReadStateAsync(name, activation.GrainId, _state, cancellationToken));
    public Task WriteStateAsync(CancellationToken cancellationToken) => _last = Next("write", _last, () => storage.WriteStateAsync(name, activation.GrainId, _state, cancellationToken));
    public Task ClearStateAsync(CancellationToken cancellationToken) => _last = Next("clear", _last, () => storage.ClearStateAsync(name, activation.GrainId, _state, cancellationToken));

    private async Task Next(string what, Task previous, Func<Task> operation)
    {
        _underWay++;
        if (!previous.IsCompleted)
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            await operation();
        }
        catch (Exception exception) when (exception is not (OrleansException or OperationCanceledException))
        {
            // As in Orleans, where what is not its own comes as the inner exception.
            throw new OrleansException($"The storage could not {what} \"{name}\" of {activation.GrainId}: {exception.Message}", exception);
        }
        finally
        {
            if (--_underWay == 0)
                _last = Task.CompletedTask; // an idle state holds on to nothing
        }
    }
}
