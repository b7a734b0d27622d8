using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>All that is kept of a person, as lines of JSON: read page by page, as fast as the client takes them.</summary>
internal sealed class ExportEndpoint(TimeProvider time)
{
    private const string ContentType = "application/x-ndjson";
    private const int Version = 1;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<IResult> Export(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var now = await call.Ask(0, static async (inbox, _, _) => (await inbox.Export(default, default)).Now); // its failure is still an answer of its own
        return new Lines(call, now, time);
    }

    private sealed class Lines(InboxCall call, InboxPosition begin, TimeProvider time) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-store";
            if (HttpMethods.IsHead(httpContext.Request.Method)) return;
            var (tenant, user) = InboxKey.Parse(call.Key);
            await Write(response, new { Export = "orleansinbox", Version, Tenant = tenant, User = user, ExportedAt = NotificationJson.Time(time.GetUtcNow()), Counts = CountsOf(begin) });
            var page = await Next(default);
            for (; page.Next is { } last; page = await Next(last))
            {
                await response.Body.WriteAsync(page.Lines);
                await response.Body.FlushAsync(httpContext.RequestAborted);
                if (last == begin.Head) break;
            }
            if (begin.Head.Epoch != 0 && page.Now.Head.Epoch != begin.Head.Epoch)
            {
                httpContext.Abort(); // erased meanwhile: half of what was is no export
                return;
            }
            if (await call.Ask(0, static (inbox, _, _) => inbox.Preferences()) is { Version: > 0 } saved)
            {
                using var preferences = JsonDocument.Parse(saved.Json);
                await Write(response, new { Preferences = preferences.RootElement });
            }
            await WriteWaiting(response, "scheduled", snoozed: false);
            await WriteWaiting(response, "snoozed", snoozed: true);
            if (await call.Ask(0, static (inbox, _, _) => inbox.Topics()) is { Length: > 0 } topics) await Write(response, new { Topics = topics });
            var marks = page.Marks;
            await Write(response, new { Marks = new { marks.Version, marks.Seen, marks.Read, marks.Archived, marks.Deleted }, Counts = CountsOf(page.Now) });
        }

        private async Task WriteWaiting(HttpResponse response, string name, bool snoozed)
        {
            for (string? after = null; ;)
            {
                var page = await call.Ask(new WaitingQuery { Snoozed = snoozed, Limit = ListQuery.MaxLimit, After = after }, static (inbox, query, _) => inbox.Waiting(query));
                using var json = JsonDocument.Parse(page.Json);
                foreach (var item in json.RootElement.GetProperty("items").EnumerateArray()) await Write(response, new Dictionary<string, JsonElement> { [name] = item });
                if (page.Next is null) return;
                after = page.Next;
            }
        }

        private Task<ExportPage> Next(NotificationId after) => call.Ask((After: after, To: begin.Head), static (inbox, range, _) => inbox.Export(range.After, range.To));

        private static object CountsOf(InboxPosition position) => new
        {
            position.Counts.Unread,
            position.Counts.Unseen,
            position.Counts.Total,
            Head = position.Counts.Head?.ToString(),
            position.Counts.Version,
        };

        private static async Task Write(HttpResponse response, object line)
        {
            await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, _json));
            await response.Body.WriteAsync("\n"u8.ToArray());
        }
    }
}
