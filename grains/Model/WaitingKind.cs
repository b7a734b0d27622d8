namespace OrleansInbox;

/// <summary>What waits: its letter begins the id.</summary>
public enum WaitingKind
{
    /// <summary>A notification that a user put off; its id begins with a digit.</summary>
    Snoozed = '0',

    /// <summary>A notification.</summary>
    Scheduled = 's',

    /// <summary>Whether a notification is seen (or read) by then.</summary>
    Unseen = 'c',

    /// <summary>Whether a notification is read.</summary>
    Receipt = 'r',

    /// <summary>Whether an action was chosen.</summary>
    Acted = 'a',

    /// <summary>No notification: that an announcement was taken in, and as which entry.</summary>
    Announced = 'n',

    /// <summary>On its way to an endpoint.</summary>
    Event = 'w',

    /// <summary>In the index alone, not in an inbox: a topic has jobs.</summary>
    Topic = 't',
}
