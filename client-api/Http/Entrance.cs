using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Http;

/// <summary>What every request passes first: the user is taken from its path, and whatever fails behind it becomes a problem without internals.</summary>
internal sealed partial class Entrance(RequestDelegate next, ILogger<Entrance> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (InboxPath.TryTake(http, out var path)) http.Features.Set(path);
        else PageHeaders.Set(http.Response.Headers);
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens
        }
        catch (ConnectionResetException)
        {
            return; // nobody listens either: it went while it was sending
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            if (path is null) PageHeaders.Set(http.Response.Headers);
            await Explain(failure, http).ExecuteAsync(http);
            return;
        }
        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
            await new Problem(http.Response.StatusCode, Detail(http)).ExecuteAsync(http);
    }

    private Problem Explain(Exception failure, HttpContext http)
    {
        switch (failure)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }: return RequestBody.TooLarge();
            case BadHttpRequestException bad: return new(bad.StatusCode, ReasonPhrases.GetReasonPhrase(bad.StatusCode) + ".");
            case InvalidNotificationException invalid: return Problem.Invalid(invalid.Errors);
            case TooManyConnectionsException: return new(StatusCodes.Status429TooManyRequests, "This user has too many live connections.") { RetryAfter = 5 };
            case StorageUnavailableException or TimeoutException or Orleans.Runtime.OrleansException: return Unavailable(failure);
        }
        var id = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
        LogFailed(log, failure, id);
        return new(StatusCodes.Status500InternalServerError, $"Something went wrong here; it was written to the log under {id}.");
    }

    /// <summary>What a publisher has to know: whether trying again could double something.</summary>
    private static Problem Unavailable(Exception failure) => new(StatusCodes.Status503ServiceUnavailable, failure is StorageUnavailableException { Uncertain: false }
        ? "Storage is not available. Nothing was stored; try again later."
        : "Storage did not answer in time. Whether a change was stored is not known; trying again is safe, for a publish with the same Idempotency-Key.")
    {
        RetryAfter = 2,
    };

    private static string Detail(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing here; /openapi/v1.json says what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not possible here; Allow says what is.",
        _ => ReasonPhrases.GetReasonPhrase(http.Response.StatusCode) + ".",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed")]
    private static partial void LogFailed(ILogger log, Exception failure, string id);
}
