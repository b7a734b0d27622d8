namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>Events are lost, doubled and swapped at random while connections come, go and resume: each of them sees every notification once and in order.</summary>
public sealed class ChaosTests
{
    private const int _notifications = 600;

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task Every_reader_sees_everything_once_and_in_order(int seed)
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var dice = new Random(seed);
        var held = new List<InboxEvent>();
        frontEnd.FrontEndQueue = told =>
        {
            var fate = dice.Next(10);
            if (fate == 0) return;
            if (fate == 1) held.Add(told);
            else frontEnd.Consumer.Send(fate == 2 ? [told, told] : [told]);
            if (fate != 3) return;
            frontEnd.Consumer.Send([.. held]);
            held.Clear();
        };
        var first = frontEnd.Ann.Append();
        var finished = new TaskCompletionSource<NotificationId>();
        var readers = Enumerable.Range(0, 5).Select(n => ComeAndGo(frontEnd, first.Id, new Random(1_000 * seed + n), finished.Task)).ToArray();
        var all = new List<NotificationId>();
        for (var i = 0; i < _notifications; i++)
        {
            all.Add(frontEnd.Ann.Append().Id);
            if (dice.Next(5) == 0) frontEnd.Ann.Mark();
            if (dice.Next(40) == 0) frontEnd.Consumer.Send(new InboxEvents { Events = [], Missed = ["default/ann"] });
            if (dice.Next(60) == 0) frontEnd.Time.Advance(frontEnd.Options.Renew);
            if (dice.Next(3) == 0) await Task.Yield();
        }
        frontEnd.FrontEndQueue = null;
        all.Add(frontEnd.Ann.Append(quietly: true).Id);
        finished.SetResult(all[^1]);
        frontEnd.Ann.Mark(); // whoever has the last one already has something to wake up for
        frontEnd.Time.Advance(frontEnd.Options.Renew);
        foreach (var reader in readers) Assert.Equal(all, await reader);
    }

    /// <summary>Reads to the end, by many connections after each other; each goes on from the last id that was seen.</summary>
    private static async Task<List<NotificationId>> ComeAndGo(FrontEndFixture frontEnd, NotificationId from, Random dice, Task<NotificationId> finished)
    {
        var seen = new List<NotificationId>();
        var last = from;
        while (!HasAll())
        {
            var reader = frontEnd.Connect(last, bufferBytes: 512 + dice.Next(4_096));
            for (var left = dice.Next(1, 200); left > 0 && !HasAll(); left--)
            {
                var next = await reader.Next();
                if (next.Kind.Length == 0) break; // cut off
                Assert.NotEqual("reset", next.Kind);
                if (next.Kind == "ready") Assert.Contains("\"resumed\":true", next.Data, StringComparison.Ordinal);
                if (next.Kind != "added") continue;
                Assert.True(NotificationId.TryParse(next.Id, out last));
                seen.Add(last);
            }
            reader.Leave();
        }
        return seen;

        bool HasAll() => finished.IsCompletedSuccessfully && last == finished.Result;
    }
}
