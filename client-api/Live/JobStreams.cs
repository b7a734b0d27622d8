using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Live;

/// <summary>How far jobs have come, as server-sent events: each stream asks for its job twice a second.</summary>
internal sealed class JobStreams(IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>At once; a further one is refused.</summary>
    private const int _most = 100;

    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(500);

    /// <summary>A client that hears nothing for longer has lost its connection.</summary>
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    private int _open;

    public IResult Open(TopicCall call, JobState state) => new JobStream(this, call, state);

    private sealed class JobStream(JobStreams streams, TopicCall call, JobState state) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (Interlocked.Increment(ref streams._open) > _most)
            {
                Interlocked.Decrement(ref streams._open);
                throw new TooManyConnectionsException();
            }
            try
            {
                LiveConnection.SetHeaders(httpContext.Response);
                if (!HttpMethods.IsHead(httpContext.Request.Method)) await Run(httpContext);
            }
            finally
            {
                Interlocked.Decrement(ref streams._open);
            }
        }

        private async Task Run(HttpContext http)
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, streams.Lifetime.ApplicationStopping);
            try
            {
                await Run(http, ends);
            }
            catch (OperationCanceledException) when (ends.IsCancellationRequested)
            {
                // The client went in the middle of a write, or the server stops: the stream ends.
            }
        }

        private async Task Run(HttpContext http, CancellationTokenSource ends)
        {
            var (time, now, written) = (streams.Time, state, (byte[])[]);
            var lastWrite = time.GetTimestamp();
            while (!ends.IsCancellationRequested && !(time.GetUtcNow() >= call.Caller.Until))
            {
                var json = JobEndpoints.Render(now);
                if (now.IsDone || !json.AsSpan().SequenceEqual(written)) await Write([.. now.IsDone ? "event: done\ndata: "u8 : "event: progress\ndata: "u8, .. json, .. "\n\n"u8]);
                else if (time.GetElapsedTime(lastWrite) >= _heartbeat) await Write(":\n\n"u8.ToArray());
                if (now.IsDone) return;
                written = json;
                await Task.Delay(_pace, time, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ends.IsCancellationRequested) return;
                if (await Ask() is not { } next) return;
                now = next;
            }

            async Task Write(byte[] frame)
            {
                lastWrite = time.GetTimestamp();
                await http.Response.Body.WriteAsync(frame, ends.Token);
                await http.Response.Body.FlushAsync(ends.Token);
            }

            async Task<JobState?> Ask()
            {
                try
                {
                    return await JobEndpoints.Ask(call);
                }
                catch (Exception away) when (away is StorageUnavailableException or TimeoutException or Orleans.Runtime.OrleansException)
                {
                    return now; // asked again in a moment
                }
            }
        }
    }

    private IHostApplicationLifetime Lifetime => lifetime;

    private TimeProvider Time => time;
}
