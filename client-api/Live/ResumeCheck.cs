namespace OrleansInbox.ClientApi.Live;

/// <summary>What a reader's position means to the inbox as it is now.</summary>
internal static class ResumeCheck
{
    /// <summary>Everything that came after the position still exists, as far as retention goes: nothing has to be reloaded.</summary>
    public static bool IsWhole(NotificationId position, InboxPosition now)
    {
        if (position > now.Head) return false; // never assigned here
        if (position.Epoch == now.Head.Epoch) return position.Seq >= now.Floor.Seq - 1;
        return position.Seq == 0 && now.Floor.Seq <= 1; // nothing had been published then, and all of what followed is kept
    }

    /// <summary>The inbox was erased, or set back, since a reader stood at the position.</summary>
    public static bool IsAnother(NotificationId position, InboxPosition now) =>
        position.Seq > 0 && (now.Head.Epoch != position.Epoch || now.Head < position);
}
