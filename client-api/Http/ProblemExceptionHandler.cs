using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Http;

/// <summary>Answers an exception with the problem that it stands for. An unexpected one is logged, and its answer has only the id of the log entry.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is ConnectionResetException) return true; // the client went while it was sending: nobody reads an answer
        await ProblemOf(exception, httpContext).ExecuteAsync(httpContext);
        return true;
    }

    public Problem ProblemOf(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }: return RequestBody.TooLarge(JsonBody.MaxBytes);
            case BadHttpRequestException bad: return new(bad.StatusCode, ReasonPhrases.GetReasonPhrase(bad.StatusCode) + ".");
            case InvalidNotificationException invalid: return Problem.Invalid(invalid.Errors);
            case InvalidMarkException mark: return Problem.Invalid(mark.Field, mark.Message);
            case AlreadyActedException acted: return new(StatusCodes.Status409Conflict, $"The action '{acted.Action}' of this notification was chosen before; the first choice stays.");
            case UndoExpiredException: return new(StatusCodes.Status410Gone, "This mark cannot be taken back any more: it was made more than 10 minutes ago, or 10 marks came after it.");
            case KeyReusedException reused:
                return new(StatusCodes.Status422UnprocessableEntity, $"This Idempotency-Key was used for another notification, {reused.Scheduled ?? reused.First.ToString()}. Nothing was stored; what is new needs a key of its own.");
            case TooManyWaitingException full: return new(StatusCodes.Status409Conflict, full.Message);
            case TooManySubscriptionsException full: return new(StatusCodes.Status409Conflict, full.Message);
            case TooManyJobsException full: return new(StatusCodes.Status429TooManyRequests, full.Message) { RetryAfter = 5 };
            case TooManyConnectionsException: return new(StatusCodes.Status429TooManyRequests, "This user has too many live connections.") { RetryAfter = 5 };
            case AuthorityUnavailableException: return new(StatusCodes.Status503ServiceUnavailable, "The issuer of tokens does not answer; try again later.") { RetryAfter = 2 };
            case StorageUnavailableException or TimeoutException or Orleans.Runtime.OrleansException or OperationCanceledException: return Unavailable(exception);
        }
        var id = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
        LogFailed(log, exception, id);
        return new(StatusCodes.Status500InternalServerError, $"Something went wrong here; it was written to the log under {id}.");
    }

    /// <summary>Says whether a change may have been stored: a publisher has to know whether trying again could double it.</summary>
    private static Problem Unavailable(Exception exception) => new(StatusCodes.Status503ServiceUnavailable, exception is StorageUnavailableException { Uncertain: false }
        ? "Storage is not available. Nothing was stored; try again later."
        : "Storage did not answer in time. Whether a change was stored is not known; trying again is safe, for a publish with the same Idempotency-Key.")
    {
        RetryAfter = 2,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed")]
    private static partial void LogFailed(ILogger log, Exception failure, string id);
}
