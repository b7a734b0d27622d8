using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>A client of a stream, without a network: reads only when the test reads, and then the server feels it.</summary>
internal sealed class Reader : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Pipe _pipe;
    private readonly CancellationTokenSource _aborted = new();

    public Reader(int bufferBytes = 64 * 1024)
    {
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: bufferBytes, resumeWriterThreshold: bufferBytes / 2));
        Http = new DefaultHttpContext();
        Http.Features.Set<IHttpResponseBodyFeature>(this);
        Http.Features.Set<IHttpRequestLifetimeFeature>(this);
    }

    public DefaultHttpContext Http { get; }

    /// <summary>The request; ends with the stream.</summary>
    public Task Served { get; set; } = Task.CompletedTask;

    public bool WasCutOff => _aborted.IsCancellationRequested;
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>The next block of lines.</summary>
    public async Task<string> Block(string waitingFor)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await _pipe.Reader.ReadAsync().AsTask().WaitAsync(_patience);
            }
            catch (TimeoutException late)
            {
                throw new TimeoutException($"Waited {_patience} for {waitingFor}.", late);
            }
            var bytes = new SequenceReader<byte>(read.Buffer);
            if (bytes.TryReadTo(out ReadOnlySequence<byte> block, "\n\n"u8))
            {
                var text = Encoding.UTF8.GetString(block);
                _pipe.Reader.AdvanceTo(bytes.Position);
                return text;
            }
            if (read.IsCompleted) return "";
            _pipe.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<Received> Next()
    {
        while (true)
        {
            var block = await Block("an event");
            if (block != ":") return Received.Of(block);
        }
    }

    public async Task<Received> Next(string kind)
    {
        var next = await Next();
        Assert.Equal(kind, next.Kind);
        return next;
    }

    public async Task Added(params InboxEvent[] expected)
    {
        foreach (var one in expected)
        {
            var next = await Next("added");
            Assert.Equal(one.Id.ToString(), next.Id);
            Assert.Equal(Encoding.UTF8.GetString(one.Data), next.Data);
        }
    }

    /// <summary>The number of bytes that were written and not read.</summary>
    public async Task<long> Rest()
    {
        var rest = 0L;
        while (true)
        {
            var read = await _pipe.Reader.ReadAsync().AsTask().WaitAsync(_patience);
            rest += read.Buffer.Length;
            _pipe.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return rest;
        }
    }

    public void Leave() => _aborted.Cancel();

    public void Dispose() => _aborted.Dispose();

    Stream IHttpResponseBodyFeature.Stream => _pipe.Writer.AsStream();
    PipeWriter IHttpResponseBodyFeature.Writer => _pipe.Writer;
    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get => _aborted.Token; set => throw new NotSupportedException(); }
    void IHttpResponseBodyFeature.DisableBuffering() { }
    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) => throw new NotSupportedException();
    Task IHttpResponseBodyFeature.CompleteAsync() => _pipe.Writer.CompleteAsync().AsTask();

    void IHttpRequestLifetimeFeature.Abort()
    {
        _aborted.CancelAsync();
        _pipe.Writer.CancelPendingFlush();
    }
}

internal sealed record Received(string Kind, string? Id, string Data)
{
    public static Received Of(string block)
    {
        string? id = null;
        var (kind, data) = ("", "");
        foreach (var line in block.Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var (name, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 2)..]);
            if (name == "event") kind = value;
            else if (name == "id") id = value;
            else if (name == "data") data += value;
            else (kind, data) = (name, value); // retry
        }
        return new(kind, id, data);
    }
}
