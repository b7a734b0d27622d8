namespace OrleansInbox.ClientApi.Live;

/// <summary><c>Retired</c>: the inbox is about to be removed, and the next one of this key has to be joined.</summary>
internal enum JoinResult { Joined, Full, Retired }
