namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Who may call an endpoint.</summary>
internal enum AllowedCallers
{
    /// <summary>The inbox's user, and publishers of its tenant.</summary>
    OwnerOrPublisher,

    /// <summary>Publishers of the tenant.</summary>
    Publisher,

    /// <summary>Like <see cref="OwnerOrPublisher"/>; the token may also come in the URL, because an EventSource cannot set headers.</summary>
    OwnerOrPublisherByUrl,
}
