using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.Bench;

/// <summary>The part of the HTTP contract that the load tool drives, in memory, with a fault on demand. Events are queued before a publish is answered.</summary>
internal sealed class ContractServer : IAsyncDisposable
{
    private sealed class Inbox
    {
        public List<string> Titles { get; } = [];
        public List<Channel<string>> Streams { get; } = [];
        public string? Held { get; set; }
    }

    private readonly ConcurrentDictionary<string, Inbox> _inboxes = new();
    private readonly WebApplication _app;
    private readonly Fault _fault;
    private readonly bool _plain;
    private readonly ConcurrentDictionary<string, bool> _subscribers = new();
    private int _published;
    private int _jobAsked;

    private ContractServer(Fault fault, bool plain)
    {
        (_fault, _plain) = (fault, plain);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapPost("/v1/users/{user}/notifications", Publish);
        _app.MapGet("/v1/users/{user}/notifications", List);
        _app.MapGet("/v1/users/{user}/stream", Stream);
        _app.MapPost("/v1/topics/{topic}/subscribers", Subscribe);
        _app.MapPost("/v1/topics/{topic}/notifications", () => Results.Json(new { job = "topic~1", of = _subscribers.Count }, statusCode: 202));
        _app.MapGet("/v1/jobs/topic~1", Job);
    }

    public string Url => _app.Urls.First();

    /// <summary>How often it was asked to publish.</summary>
    public int Published => _published;

    /// <summary>The last Authorization header that came.</summary>
    public string? Authorization { get; private set; }

    /// <param name="plain">Like Nchan: a text for an answer, the published JSON for an event, no event names.</param>
    public static async Task<ContractServer> Start(Fault fault = Fault.None, bool plain = false)
    {
        var server = new ContractServer(fault, plain);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Publish(string user, HttpContext http)
    {
        Authorization = http.Request.Headers.Authorization;
        Interlocked.Increment(ref _published);
        using var json = await JsonDocument.ParseAsync(http.Request.Body);
        var title = json.RootElement.GetProperty("title").GetString()!;
        var inbox = Of(user);
        int seq;
        lock (inbox)
        {
            inbox.Titles.Add(title);
            seq = inbox.Titles.Count;
            if (_fault == Fault.Trim && seq > 20) inbox.Titles.RemoveAt(0);
            Deliver(user, inbox, seq, _plain ? json.RootElement.GetRawText() : $$"""{"counts":{"unread":{{seq}}},"item":{"id":"{{seq}}","title":"{{title}}"} }""");
        }
        http.Response.StatusCode = _fault == Fault.Refuse && seq % 10 == 0 ? 503 : 201;
        await http.Response.WriteAsync(_plain ? "queued messages: 1\r\n" : $$"""{"id":"{{seq}}"}""");
    }

    private void Deliver(string user, Inbox inbox, int seq, string data)
    {
        var tenth = seq % 10 == 0;
        var times = (_fault, tenth) switch { (Fault.Lose, true) => 0, (Fault.Repeat, true) => 2, _ => 1 };
        if (_fault == Fault.Swap && tenth) { inbox.Held = data; return; }
        var streams = _fault == Fault.Stray && tenth ? _inboxes.First(i => i.Key != user).Value.Streams : inbox.Streams;
        foreach (var stream in streams.ToArray())
        {
            for (var i = 0; i < times; i++) stream.Writer.TryWrite(data);
            if (inbox.Held is { } late) stream.Writer.TryWrite(late);
            if (_fault == Fault.CutStreams && tenth) stream.Writer.TryComplete();
        }
        inbox.Held = null;
    }

    private async Task Stream(string user, HttpContext http)
    {
        if (_fault == Fault.RefuseStreams) { http.Response.StatusCode = 403; return; }
        var inbox = Of(user);
        var events = Channel.CreateUnbounded<string>();
        lock (inbox) inbox.Streams.Add(events);
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(_plain ? ": hi\n\n" : "event: ready\ndata: {\"counts\":{}}\n\n");
        await http.Response.Body.FlushAsync();
        try
        {
            await foreach (var data in events.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync($"{(_plain ? "" : "event: added\n")}id: 1\ndata: {data}\n\n");
                await http.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException) { } // the reader left
        lock (inbox) inbox.Streams.Remove(events);
    }

    private IResult List(string user, int limit, int? before)
    {
        var inbox = Of(user);
        lock (inbox)
        {
            var newest = Math.Min(inbox.Titles.Count, (before ?? int.MaxValue) - (_fault == Fault.RepeatPages ? 0 : 1));
            var ids = Enumerable.Range(0, Math.Min(limit, newest)).Select(i => newest - i);
            return Results.Json(new { items = ids.Select(id => new { id = $"{id}", title = inbox.Titles[id - 1] }), unread = inbox.Titles.Count });
        }
    }

    private async Task Subscribe(HttpContext http)
    {
        using var json = await JsonDocument.ParseAsync(http.Request.Body);
        foreach (var user in json.RootElement.GetProperty("add").EnumerateArray()) _subscribers[user.GetString()!] = true;
        http.Response.StatusCode = 204;
    }

    /// <summary>Done when it is asked for the second time.</summary>
    private IResult Job() => Interlocked.Increment(ref _jobAsked) % 2 == 1 ? Results.Json(new { state = "running", reached = 1 })
        : Results.Json(new { state = "done", reached = _subscribers.Count - (_fault == Fault.Lose ? 10 : 0) });

    private Inbox Of(string user) => _inboxes.GetOrAdd(user, _ => new Inbox());
}
