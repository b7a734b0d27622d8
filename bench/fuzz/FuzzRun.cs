using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansInbox.Fuzz;

/// <summary>One run: conversations side by side until enough requests were sent, with a probe after every thousand.</summary>
internal sealed class FuzzRun : IDisposable
{
    private const int ProbeEvery = 1_000;

    /// <summary>What the collector, late compilation and caches that fill may take between the first quarter and the end.</summary>
    private const int MaxGrowthMiB = 64;

    private const int MaxMoreHandles = 8;

    /// <summary>The console writes behind the server's back.</summary>
    private static readonly TimeSpan _flush = TimeSpan.FromMilliseconds(300);

    private readonly FuzzOptions _options;
    private readonly FuzzVerdict _verdict;
    private readonly RequestGrammar _grammar;
    private readonly IPEndPoint _address;
    private readonly Probe _probe;
    private readonly FuzzServer? _server;
    private readonly TextWriter _progress;
    private readonly SemaphoreSlim _probing = new(1);
    private long _next;
    private int _complaints;
    private (long MiB, int Handles)? _quarter;

    private FuzzRun(FuzzOptions options, FuzzServer? server, TextWriter progress)
    {
        (_options, _server, _progress, _verdict, _next) = (options, server, progress, new(options.Seed), options.From);
        var url = server?.Url ?? options.Url!;
        _grammar = new(options.Seed, new(server?.ApiKey ?? options.Key!, server?.SigningKey));
        _address = new(Array.Find(Dns.GetHostAddresses(url.DnsSafeHost), a => a.AddressFamily == AddressFamily.InterNetwork) ?? throw new InvalidOperationException($"{url} has no address of IPv4."), url.Port);
        _probe = new(url, server?.ApiKey ?? options.Key!);
    }

    /// <exception cref="InvalidOperationException">The server does not start.</exception>
    public static async Task<FuzzVerdict> Go(FuzzOptions options, TextWriter progress, CancellationToken stop)
    {
        await using var server = options.Url is null ? await FuzzServer.Start(options.Redis) : null;
        using var run = new FuzzRun(options, server, progress);
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(() => run.Converse(stop), stop)));
        if (server is not null) await run.LookAt(server, stop);
        return run._verdict;
    }

    public void Dispose()
    {
        _probe.Dispose();
        _probing.Dispose();
    }

    private async Task Converse(CancellationToken stop)
    {
        while (_verdict.Requests < _options.Requests && _server is not { IsRunning: false })
        {
            stop.ThrowIfCancellationRequested();
            var conversation = _grammar.Make(Interlocked.Increment(ref _next) - 1);
            if (_options.Requests == 1) _progress.WriteLine(conversation);
            await Have(conversation, stop);
            if (_server is not null && Interlocked.Exchange(ref _complaints, _server.ComplaintCount) is var known && known != _server.ComplaintCount) _verdict.IsFaulty($"the log spoke at about this; {conversation}");
            var before = _verdict.Requests;
            _verdict.Sent(conversation.Methods.Count);
            if (before / ProbeEvery != _verdict.Requests / ProbeEvery) await Probe(stop);
        }
    }

    private async Task Have(Conversation conversation, CancellationToken stop)
    {
        byte[]? bytes;
        try
        {
            bytes = await Wire.Have(conversation, _address, stop);
        }
        catch (SocketException refused)
        {
            _verdict.IsFaulty($"no connection ({refused.SocketErrorCode}); {conversation}");
            return;
        }
        if (bytes is null) _verdict.IsFaulty($"neither answered nor closed; {conversation}");
        else if ((Answers.Read(bytes, conversation.Methods) ?? (conversation.IsPlain ? null : Answers.Scan(bytes))) is not { } statuses) _verdict.IsFaulty($"answered what is not HTTP; {conversation}");
        else
        {
            foreach (var status in statuses) _verdict.Answered(status);
            // 505 (RFC 9110 §15.6.6) is about the version of the request.
            if (statuses.Find(status => status is >= 500 and not 505) is > 0 and var fault) _verdict.IsFaulty($"answered {fault}; {conversation}");
            if (!conversation.IsPlain) return;
            if (statuses.Count != conversation.Methods.Count) _verdict.IsFaulty($"{conversation.Methods.Count} requests, {statuses.Count} answers; {conversation}");
            if (statuses.Find(status => status is not (200 or 201 or 202 or 204 or 404 or 412)) is > 0 and var wrong) _verdict.IsFaulty($"a valid request was answered {wrong}; {conversation}");
        }
    }

    private async Task Probe(CancellationToken stop)
    {
        await _probing.WaitAsync(stop);
        try
        {
            _verdict.Probed();
            _verdict.Webhooks = _server?.Webhooks.Count ?? 0;
            if (await _probe.Ask($"probe {_verdict.Probes} of seed {_options.Seed}", stop) is { } wrong) _verdict.IsFaulty($"{wrong}, after conversation {_next}");
            if (_quarter is null && _server is not null && _verdict.Requests >= _options.Requests / 4) _quarter = _server.Footprint();
            if (_verdict.Probes % 50 == 0) _progress.WriteLine(_verdict);
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <summary>Log, memory and handles, once all connections are closed.</summary>
    private async Task LookAt(FuzzServer server, CancellationToken stop)
    {
        if (!server.IsRunning) _verdict.IsFaulty("the server has ended");
        else if (_quarter is { } quarter)
        {
            var end = server.Footprint();
            for (var waited = Stopwatch.StartNew(); end.Handles > quarter.Handles + MaxMoreHandles && waited.Elapsed < TimeSpan.FromSeconds(15); end = server.Footprint()) await Task.Delay(100, stop);
            _verdict.Footprint = $"; server {quarter.MiB} MiB and {quarter.Handles} handles after a quarter, {end.MiB} and {end.Handles} at the end";
            if (end.Handles > quarter.Handles + MaxMoreHandles) _verdict.IsFaulty($"handles grew from {quarter.Handles} to {end.Handles}");
            if (end.MiB > quarter.MiB + MaxGrowthMiB) _verdict.IsFaulty($"memory grew from {quarter.MiB} to {end.MiB} MiB");
        }
        await Task.Delay(_flush, stop);
        _verdict.Webhooks = server.Webhooks.Count;
        if (server.Webhooks.Fault is { } wrong) _verdict.IsFaulty($"a webhook was not what it should be: {wrong}");
        if (server.Complaints() is { Length: > 0 } log) _verdict.IsFaulty($"the log has {string.Join(" / ", log.Select(line => line.Trim()))}");
    }
}
