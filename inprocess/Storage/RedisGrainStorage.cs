using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.InProcess;
using Orleans.Persistence.Redis;
using Orleans.Runtime;
using Orleans.Storage;
using StackExchange.Redis;

namespace Orleans.Persistence
{
    /// <summary>
    /// States in Redis, key and value laid out as by Orleans' own: a hash with the fields <c>etag</c> and <c>data</c>, an empty <c>data</c> for a cleared state.
    /// What is written here is read there, and the other way round.
    /// </summary>
    public sealed class RedisGrainStorage : IGrainStorage, IStartsWithSilo, IDisposable
    {
        private static readonly string WriteScript = Script("write-state.lua");
        private static readonly string ClearScript = Script("clear-state.lua");

        private readonly RedisStorageOptions _options;
        private readonly Func<string, GrainId, RedisKey> _keyOf;
        private readonly string _expiry;
        private IConnectionMultiplexer? _connection;
        private bool _isShared;

        internal RedisGrainStorage(RedisStorageOptions options, ClusterOptions cluster)
        {
            _options = options;
            _keyOf = options.GetStorageKey ?? ((stateName, grainId) => $"{cluster.ServiceId}/state/{grainId}/{stateName}");
            _expiry = options.EntryExpiry?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "-1";
        }

        private IDatabase Database => (_connection ?? throw new RedisStorageException("The silo has not started.")).GetDatabase();

        async Task IStartsWithSilo.Start(CancellationToken cancellationToken)
        {
            try
            {
                (_connection, _isShared) = await _options.CreateMultiplexer(_options).WaitAsync(cancellationToken);
            }
            catch (RedisConnectionException exception)
            {
                throw new RedisStorageException($"Could not connect: {exception.Message}", exception);
            }
        }

        public Task ReadStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState) => Do("read", grainType, grainId, async key =>
        {
            var fields = (await InTime(Database.HashGetAllAsync(key))).ToDictionary(field => (string)field.Name!, field => field.Value);
            (grainState.ETag, grainState.State, grainState.RecordExists) = (null, PersistentState.New<T>(), false);
            if (!fields.TryGetValue("etag", out var etag) || !fields.TryGetValue("data", out var data))
                return;
            grainState.ETag = etag;
            if ((byte[]?)data is { Length: > 0 } bytes)
                (grainState.State, grainState.RecordExists) = (_options.GrainStorageSerializer.Deserialize<T>(new BinaryData(bytes)), true);
        });

        public Task WriteStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState) => Do("write", grainType, grainId, async key =>
        {
            var etag = Guid.NewGuid().ToString("N");
            await Run(WriteScript, key, grainState.ETag, [grainState.ETag ?? "", etag, _options.GrainStorageSerializer.Serialize(grainState.State).ToArray(), _expiry]);
            (grainState.ETag, grainState.RecordExists) = (etag, true);
        });

        public Task ClearStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState) => Do("clear", grainType, grainId, async key =>
        {
            var etag = _options.DeleteStateOnClear ? null : Guid.NewGuid().ToString("N");
            await Run(ClearScript, key, grainState.ETag, [grainState.ETag ?? "", etag ?? ""]);
            (grainState.ETag, grainState.State, grainState.RecordExists) = (etag, PersistentState.New<T>(), false);
        });

        public void Dispose()
        {
            if (!_isShared)
                _connection?.Dispose();
        }

        private async Task Do(string what, string stateName, GrainId grainId, Func<RedisKey, Task> operation)
        {
            try
            {
                await operation(_keyOf(stateName, grainId));
            }
            catch (Exception exception) when (exception is not InconsistentStateException)
            {
                throw new RedisStorageException($"Could not {what} \"{stateName}\" of {grainId}: {exception.Message}", exception);
            }
        }

        private async Task Run(string script, RedisKey key, string? etag, RedisValue[] args)
        {
            RedisResult done;
            try
            {
                done = await InTime(Database.ScriptEvaluateAsync(script, [key], args));
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                done = await InTime(Database.ScriptEvaluateAsync(script, [key], args)); // Redis was restarted: the client notices by this answer, and sends the script again
            }
            if ((int)done == 0)
                throw new InconsistentStateException($"{key} was written by somebody else since the ETag {etag ?? "(none)"}.", null, etag);
        }

        /// <summary>StackExchange.Redis 1.2 bounds only synchronous calls by itself.</summary>
        private Task<T> InTime<T>(Task<T> call) => call.WaitAsync(TimeSpan.FromMilliseconds(_connection!.TimeoutMilliseconds));

        private static string Script(string name)
        {
            using var reader = new StreamReader(typeof(RedisGrainStorage).Assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd();
        }
    }

    public static class RedisGrainStorageFactory
    {
        public static RedisGrainStorage Create(IServiceProvider services, string name)
        {
            var options = services.GetRequiredService<IOptionsMonitor<RedisStorageOptions>>().Get(name);
            options.GrainStorageSerializer ??= services.GetService<IGrainStorageSerializer>()
                ?? throw new OrleansConfigurationException($"The storage \"{name}\" needs {nameof(RedisStorageOptions)}.{nameof(RedisStorageOptions.GrainStorageSerializer)}: Orleans' default one is not part of this build.");
            return new RedisGrainStorage(options, services.GetRequiredService<IOptions<ClusterOptions>>().Value);
        }
    }
}

namespace Orleans.Persistence.Redis
{
    public class RedisStorageException : Exception
    {
        public RedisStorageException() { }
        public RedisStorageException(string message) : base(message) { }
        public RedisStorageException(string message, Exception inner) : base(message, inner) { }
    }
}
