using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// One open stream. A single loop writes, so that each notification goes out once and in order: the replay from the log up to where the queue
/// begins, then the queue. It keeps no timer, buffer or list while nothing happens.
/// </summary>
internal sealed partial class LiveConnection
{
    /// <summary>Unflushed bytes are this connection's own copy, unlike queued frames: not more of them than this, and one frame.</summary>
    private const int _maxUnflushed = 32 * 1024;

    private readonly LiveContext _context;
    private readonly HttpContext _http;

    // The cursor: what was written. Marks below 0: they start with those of the first page.
    private NotificationId _id;
    private long _marks;
    private int _unflushed;
    private bool _ready;
    private bool _resumed = true;

    /// <param name="context">What the process shares.</param>
    /// <param name="http">The response has not started.</param>
    /// <param name="lastEventId">Where the client resumes; null when it does not.</param>
    /// <param name="until">When the stream ends, because its caller's credentials do; null: never.</param>
    public LiveConnection(LiveContext context, HttpContext http, NotificationId? lastEventId, DateTimeOffset? until)
    {
        (_context, _http, _endsAt) = (context, http, until?.UtcTicks ?? long.MaxValue);
        if (lastEventId is { } last) (_id, _marks, _mode) = (last, -1, Mode.Behind);
        else _mode = Mode.Replaying; // its first answer is its replay
    }

    private PipeWriter Writer => _http.Response.BodyWriter;

    /// <summary>From the headers to the end. The connection has joined its inbox, and has left it when this is over.</summary>
    public async Task Run()
    {
        _context.Metrics.LiveConnections(1);
        var aborted = _http.RequestAborted.UnsafeRegister(static state => ((LiveConnection)state!).End(), this);
        try
        {
            ScheduleEnd();
            WriteHeaders();
            await Flush();
            await Begin();
            while (true)
            {
                var step = NextStep();
                if (step == ConnectionStep.Wait) await Signalled();
                else if (step == ConnectionStep.Write) await WriteQueued();
                else if (step == ConnectionStep.Replay) await Replay();
                else
                {
                    if (step == ConnectionStep.SayGoodbye) await SayGoodbye();
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client has gone while we wrote.
        }
        finally
        {
            aborted.Dispose();
            End();
            Inbox.Leave(this);
            _context.Metrics.LiveConnections(-1);
        }
    }

    private void WriteHeaders()
    {
        _http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        SetHeaders(_http.Response);
    }

    public static void SetHeaders(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Takes or renews the lease. Whoever does not resume is ready then.</summary>
    private async Task Begin()
    {
        for (var attempt = 0; !IsEnding; attempt++)
        {
            if (await Watch() is { } now)
            {
                if (_marks < 0) return; // ready after the replay
                (_id, _marks) = (now.Head, now.MarksVersion);
                WriteReady(now);
                await Flush();
                return;
            }
            await Pause(attempt);
        }
    }

    private async Task<InboxPosition?> Watch()
    {
        try
        {
            var before = Inbox.Position;
            var now = await _context.Watch(Inbox.Key);
            Inbox.Reconcile(now, before, this);
            return now;
        }
        catch (Exception failure) // whatever it is, the stream stays open, and the next attempt may succeed
        {
            _context.LogUnreachable(Inbox.Key, failure);
            return null;
        }
    }

    /// <summary>Writes all that the log has above the cursor; what comes meanwhile is queued, and filtered by the cursor later.</summary>
    private async Task Replay()
    {
        for (var attempt = 0; !IsEnding;)
        {
            BeginReplay();
            if (await ReadPage() is not { } page)
            {
                await Pause(attempt++);
                continue;
            }
            attempt = 0;
            await WritePage(page);
            await Flush();
            if (!page.More) return;
        }
    }

    private async Task<ReplayPage?> ReadPage()
    {
        try
        {
            return await _context.Replay(Inbox.Key, new(_id, _marks));
        }
        catch (Exception failure)
        {
            _context.LogUnreachable(Inbox.Key, failure);
            return null;
        }
    }

    private async ValueTask WritePage(ReplayPage page)
    {
        var now = page.Now;
        if (_marks < 0)
        {
            TakeResetDue(); // the page is newer
            _resumed = ResumeCheck.IsWhole(_id, now) && !page.AfterIsLost;
            _marks = now.MarksVersion;
        }
        else if (TakeResetDue() || page.MarksLost || page.AfterIsLost || ResumeCheck.IsAnother(_id, now))
        {
            WriteReset();
            _marks = now.MarksVersion;
        }
        if (now.Head < _id) _id = now.Head; // the cursor is unknown to the inbox, or the inbox was set back
        foreach (var missed in page.Events)
        {
            if (_mode == Mode.Closed) return;
            if (missed.Kind == InboxEventKind.Reset) WriteReset();
            else if (Write(SseFrame.Of(missed)) && missed.Kind == InboxEventKind.Added) _context.Metrics.Delivered(1, sinceAppended: null);
            if (_unflushed >= _maxUnflushed) await Flush();
        }
        if (page.More) return;
        if (now.Head > _id) _id = now.Head; // the newest may be gone already
        _marks = Math.Max(_marks, now.MarksVersion);
        if (!_ready) WriteReady(now);
    }

    /// <summary>Few frames go out with one flush, many with several.</summary>
    private async ValueTask WriteQueued()
    {
        while (Dequeue() is { } frame)
        {
            Write(frame);
            if (_unflushed >= _maxUnflushed) await Flush();
        }
        if (TakeHeartbeatDue()) Writer.Write(":\n\n"u8);
        await Flush();
    }

    private bool Write(SseFrame frame)
    {
        if (frame.IsAdded ? frame.Id <= _id : frame.Marks <= _marks) return false; // replayed already
        if (frame.IsAdded) _id = frame.Id;
        else _marks = frame.Marks;
        Writer.Write(frame.Bytes);
        _unflushed += frame.Bytes.Length;
        return true;
    }

    private void WriteReady(InboxPosition now)
    {
        _ready = true;
        SseFrame.WriteReady(Writer, now, _resumed);
    }

    private void WriteReset()
    {
        if (_ready) Writer.Write("event: reset\ndata: {}\n\n"u8);
        else _resumed = false;
    }

    /// <summary>Tells the client when to come back; a time that differs from client to client, so that they do not all come at once.</summary>
    private ValueTask SayGoodbye()
    {
        SseFrame.WriteRetry(Writer, Random.Shared.Next(1_000, 5_001));
        return Flush();
    }

    private ValueTask Flush()
    {
        _unflushed = 0;
        if (_mode == Mode.Closed) return ValueTask.CompletedTask; // nobody reads it
        var flush = Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully) return FlushInTime(flush);
        EndIfGone(flush.Result);
        return ValueTask.CompletedTask;
    }

    /// <summary>The reader is slow, or does not read: only then there is a timer.</summary>
    private async ValueTask FlushInTime(ValueTask<FlushResult> flush)
    {
        using (_context.Time.CreateTimer(static state => ((LiveConnection)state!).FlushTimedOut(), this, _context.Options.FlushTimeout, Timeout.InfiniteTimeSpan))
            EndIfGone(await flush);
    }

    private void EndIfGone(FlushResult flush)
    {
        if (flush.IsCompleted || flush.IsCanceled) End();
    }

    /// <summary>Waits before another attempt; shorter when a heartbeat is due or the connection ends.</summary>
    private async Task Pause(int attempt)
    {
        var longest = Math.Min(_context.Options.RetryAfter.TotalMilliseconds, 250 * Math.Pow(2, attempt));
        var pause = TimeSpan.FromMilliseconds(longest * (0.5 + Random.Shared.NextDouble() / 2));
        if (TryPrepareToWait())
        {
            using (_context.Time.CreateTimer(static state => ((LiveConnection)state!).Wake(), this, pause, Timeout.InfiniteTimeSpan))
                await Signalled();
        }
        if (!TakeHeartbeatDue()) return;
        Writer.Write(":\n\n"u8);
        await Flush();
    }
}
