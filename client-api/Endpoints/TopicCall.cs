using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>An authorized request, and the topic that it is about.</summary>
/// <param name="Http">The request.</param>
/// <param name="Caller">Who calls.</param>
/// <param name="Topic">The topic's name.</param>
/// <param name="Client">Calls the grain.</param>
internal readonly record struct TopicCall(HttpContext Http, Caller Caller, string Topic, InboxClient Client)
{
    /// <summary>Calls the grain, more than once when a call is lost: the call has to be idempotent.</summary>
    public Task<T> Ask<T, TArgument>(TArgument argument, GrainQuery<ITopicGrain, T, TArgument> ask) => Client.Ask(InboxKey.Of(Caller.Tenant, Topic), ask, argument);

    /// <summary>The user in the path: <c>me</c> is the caller.</summary>
    public string User() => Http.Features.Get<TopicPath>()!.User is var user && user == InboxKey.Me ? Caller.User! : user!;

    /// <inheritdoc cref="InboxCall.UnknownParameter"/>
    public Problem? UnknownParameter() => QueryParameters.Unknown(Http.Request);
}
