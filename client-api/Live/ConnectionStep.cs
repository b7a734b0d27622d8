namespace OrleansInbox.ClientApi.Live;

/// <summary>What a connection's loop does next.</summary>
internal enum ConnectionStep { Wait, Write, Replay, SayGoodbye, Leave }
