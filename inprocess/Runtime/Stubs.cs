using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.Streams;

namespace Orleans.InProcess
{
    internal interface IStartsWithSilo
    {
        Task Start(CancellationToken cancellationToken);
    }

    internal sealed class Activation : SynchronizationContext, IGrainContext
    {
        public ActivationId ActivationId => throw new NotImplementedException();
        public IServiceProvider ActivationServices => throw new NotImplementedException();
        public GrainId GrainId => throw new NotImplementedException();
        public object? GrainInstance => throw new NotImplementedException();
        public Task Deactivated => throw new NotImplementedException();
        public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => throw new NotImplementedException();
        public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
        internal void DelayDeactivation(TimeSpan timeSpan) => throw new NotImplementedException();
    }

    internal sealed class GrainTimer<T>(Activation activation, Func<T, CancellationToken, Task> callback, T state, GrainTimerCreationOptions options) : IGrainTimer
    {
        public void Change(TimeSpan dueTime, TimeSpan period) => throw new NotImplementedException($"{activation}{callback}{state}{options}");
        public void Dispose() { }
    }

    internal static class SiloServices
    {
        public static ISiloBuilder AddSilo(this IServiceCollection services, IConfiguration configuration) => throw new NotImplementedException($"{services}{configuration}");
        public static IClientBuilder AddClient(this IServiceCollection services, IConfiguration configuration) => throw new NotImplementedException($"{services}{configuration}");
        public static void Refuse(this IServiceCollection services, string what) => throw new NotImplementedException($"{services}{what}");
    }

    internal static class MemoryStreamProvider
    {
        public static IStreamProvider Create(IServiceProvider services, object? name) => throw new NotImplementedException();
    }

    internal sealed class MemoryGrainStorage(IGrainStorageSerializer serializer) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotImplementedException($"{serializer}");
        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotImplementedException();
        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotImplementedException();
    }

    internal sealed class PlainJson : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);
        public T? Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>();
    }
}

namespace Orleans.Runtime
{
    public abstract class GrainReference : IAddressable
    {
        public GrainId GrainId => throw new NotImplementedException();
    }
}

namespace Orleans.Persistence
{
    public static class RedisGrainStorageFactory
    {
        public static IGrainStorage Create(IServiceProvider services, string name) => throw new NotImplementedException();
    }
}
