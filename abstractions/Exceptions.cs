using System.Globalization;

namespace OrleansInbox;

/// <summary>Storage is away, too slow or overloaded. Repeating the call later is right; an append with its idempotency key.</summary>
[GenerateSerializer, Alias("storage-unavailable")]
public sealed class StorageUnavailableException : Exception
{
    public StorageUnavailableException() : this("Storage is not available.") { }
    public StorageUnavailableException(string message) : base(message) { }
    public StorageUnavailableException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>True when it could not be found out whether the write was taken; false when nothing was stored.</summary>
    [Id(0)] public bool Uncertain { get; init; }
}

/// <summary>An idempotency key came again with another notification. Nothing was stored.</summary>
[GenerateSerializer, Alias("key-reused")]
public sealed class KeyReusedException : Exception
{
    public KeyReusedException() : this("The idempotency key was used for another notification.") { }
    public KeyReusedException(string message) : base(message) { }
    public KeyReusedException(string message, Exception? innerException) : base(message, innerException) { }
    public KeyReusedException(NotificationId first, string? scheduled = null) : this($"The idempotency key was used for another notification, {scheduled ?? first.ToString()}.") => (First, Scheduled) = (first, scheduled);

    /// <summary>The notification that the key was first used for.</summary>
    [Id(0)] public NotificationId First { get; init; }

    /// <summary>Or, when that one was scheduled, the name that it has until it comes.</summary>
    [Id(1)] public string? Scheduled { get; init; }
}

/// <summary>A mark that this inbox cannot have made.</summary>
[GenerateSerializer, Alias("invalid-mark")]
public sealed class InvalidMarkException : Exception
{
    public InvalidMarkException() : this("The mark is not valid.") { }
    public InvalidMarkException(string message) : base(message) { }
    public InvalidMarkException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>Named as in the request.</summary>
    [Id(0)] public string Field { get; init; } = "$";
}

/// <summary>A mark cannot be taken back any more. Nothing was changed.</summary>
[GenerateSerializer, Alias("undo-expired")]
public sealed class UndoExpiredException : Exception
{
    public UndoExpiredException() : this("The mark was made too long ago, or too many marks came after it.") { }
    public UndoExpiredException(string message) : base(message) { }
    public UndoExpiredException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>Another action of the notification was chosen before. Nothing was changed.</summary>
[GenerateSerializer, Alias("already-acted")]
public sealed class AlreadyActedException : Exception
{
    public AlreadyActedException() : this("") { }
    public AlreadyActedException(string action) : this(action, null) { }
    public AlreadyActedException(string action, Exception? innerException) : base($"The action '{action}' was chosen before.", innerException) => Action = action;

    /// <summary>The one that was chosen.</summary>
    [Id(0)] public string Action { get; init; }
}

/// <summary>As many notifications wait in this inbox as may. Nothing was stored or changed.</summary>
[GenerateSerializer, Alias("too-many-waiting")]
public sealed class TooManyWaitingException : Exception
{
    public TooManyWaitingException() : this(string.Create(CultureInfo.InvariantCulture, $"{InboxLimits.MaxWaiting:N0} notifications are scheduled or snoozed in this inbox already, and no more may be.")) { }
    public TooManyWaitingException(string message) : base(message) { }
    public TooManyWaitingException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A topic has as many subscribers as may be, or a user as many topics. Nobody was subscribed.</summary>
[GenerateSerializer, Alias("too-many-subscriptions")]
public sealed class TooManySubscriptionsException : Exception
{
    public TooManySubscriptionsException() : this("A topic has no more subscribers, or a user no more topics.") { }
    public TooManySubscriptionsException(string message) : base(message) { }
    public TooManySubscriptionsException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>As many jobs wait in a topic as may. Nothing was stored.</summary>
[GenerateSerializer, Alias("too-many-jobs")]
public sealed class TooManyJobsException : Exception
{
    public TooManyJobsException() : this("As many jobs wait in this topic as may.") { }
    public TooManyJobsException(string message) : base(message) { }
    public TooManyJobsException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A notification breaks the rules; one line for each.</summary>
[GenerateSerializer, Alias("invalid-notification")]
public sealed class InvalidNotificationException : Exception
{
    public InvalidNotificationException() : this("The notification is not valid.") { }
    public InvalidNotificationException(string message) : base(message) { }
    public InvalidNotificationException(string message, Exception? innerException) : base(message, innerException) { }
    public InvalidNotificationException(Dictionary<string, string[]> errors) : base(NotificationRules.InOneLine(errors)) => Errors = errors;

    /// <summary>Field → reasons.</summary>
    [Id(0)] public Dictionary<string, string[]> Errors { get; init; } = [];
}
