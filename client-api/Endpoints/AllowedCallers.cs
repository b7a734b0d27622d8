namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Who may call an endpoint.</summary>
internal enum Allowed
{
    /// <summary>The inbox's user, and publishers of its tenant.</summary>
    OwnerOrPublisher,

    /// <summary>Publishers of the tenant.</summary>
    Publisher,

    /// <summary>Like <see cref="OwnerOrPublisher"/>; the token may stand in the URL.</summary>
    Stream,
}
