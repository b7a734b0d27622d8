using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.ClientApi.Live;

internal enum JoinResult { Joined, Full, Gone }

/// <summary>What a connection has to do next.</summary>
internal enum NextStep { Wait, Write, CatchUp, Close, Leave }

/// <summary>What waited for a connection: most often one frame, and rarely more.</summary>
internal readonly record struct Queued(SseFrame? First, List<SseFrame>? More, bool Beat);
