using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Http;

namespace OrleansInbox.Tests.Unit.ClientApi.Http;

public sealed class ConnectionLimitTests : IAsyncDisposable
{
    private readonly Sockets _sockets = new();

    public ValueTask DisposeAsync() => _sockets.DisposeAsync();

    [Fact]
    public async Task A_connection_that_is_too_many_is_closed_before_the_next_one_is_accepted()
    {
        var listener = await new ConnectionLimit(_sockets, TimeProvider.System, NullLogger<ConnectionLimit>.Instance, max: 1).BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Accepted first = _sockets.Connect(), second = _sockets.Connect(), third = _sockets.Connect();
        first.Close.SetResult();

        var open = (await listener.AcceptAsync())!;
        var next = listener.AcceptAsync().AsTask();
        await second.Aborted.Task; // it is closing, and the kernel keeps the third one
        Assert.False(third.Aborted.Task.IsCompleted);
        Assert.Equal(1, _sockets.Waiting);

        await open.DisposeAsync();
        await open.DisposeAsync(); // counts once
        second.Close.SetResult();
        var taken = (await next)!;
        Assert.Same(third.Features, taken.Features);

        _sockets.Connect().Close.SetResult();
        Assert.False(listener.AcceptAsync().AsTask().IsCompleted); // the third one is open
        Assert.Equal(0, _sockets.Waiting);
    }

    private sealed class Accepted : DefaultConnectionContext
    {
        public TaskCompletionSource Aborted { get; } = new();

        public TaskCompletionSource Close { get; } = new();

        public override void Abort(ConnectionAbortedException abortReason) => Aborted.SetResult();

        public override async ValueTask DisposeAsync()
        {
            await Close.Task;
            await base.DisposeAsync();
        }
    }

    private sealed class Sockets : IConnectionListenerFactory, IConnectionListener
    {
        private readonly Channel<Accepted> _backlog = Channel.CreateUnbounded<Accepted>();

        public int Waiting => _backlog.Reader.Count;

        public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 0);

        public Accepted Connect()
        {
            var connection = new Accepted();
            Assert.True(_backlog.Writer.TryWrite(connection));
            return connection;
        }

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await _backlog.Reader.ReadAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => default;
    }
}
