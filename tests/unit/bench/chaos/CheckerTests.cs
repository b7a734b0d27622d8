using OrleansInbox.Chaos;

namespace OrleansInbox.Tests.Bench.Chaos;

/// <summary>A checker that finds nothing proves nothing: each history here has one flaw, and it has to be found.</summary>
public sealed class CheckerTests
{
    [Fact]
    public void A_history_without_flaw_is_exact()
    {
        var verdict = Checker.Check(Good());
        Assert.Empty(verdict.Flaws);
        Assert.True(verdict.IsExact);
        Assert.Equal((4, 4), (verdict.Acknowledged, verdict.Delivered));
    }

    [Fact]
    public void An_acknowledged_notification_that_is_not_there_is_lost() =>
        Assert.True(Check(h => h.Add(new Acknowledged(9, 8, "ann", "gone", "7-9"))).Lost > 0);

    [Fact]
    public void Of_those_with_one_collapse_key_the_newest_alone_may_be_there()
    {
        var history = Good();
        var two = history.OfType<Acknowledged>().TakeLast(2).ToList();
        for (var i = 0; i < history.Count; i++)
            if (history[i] is Acknowledged one && two.Contains(one)) history[i] = one with { CollapseKey = "about" };
        Assert.Equal(1, Checker.Check(history).Wrong); // the older one is there, too
        Replace<Final>(history, f => f with { Entries = [.. f.Entries.Where(e => e.Id != two[0].Id)], Counts = f.Counts with { Total = 2, Unread = 1 } });
        Replace<View>(history, v => v with { Counts = v.Counts! with { Total = 2, Unread = 1 } });
        Assert.True(Checker.Check(history).IsExact, string.Join('\n', Checker.Check(history).Flaws));
        Replace<Final>(history, f => f with { Entries = [.. f.Entries.Where(e => e.Id != two[1].Id)], Counts = f.Counts with { Total = 1, Unread = 0 } });
        Assert.True(Checker.Check(history).Lost > 0);
    }

    [Fact]
    public void What_waited_comes_once_and_never_after_it_was_cancelled()
    {
        var history = Good();
        Replace<Final>(history, f => f with { Entries = [new("7-5", "later", false, false), .. f.Entries], Counts = f.Counts with { Head = "7-5", Total = 4, Unread = 3 } });
        Replace<View>(history, v => v with { Counts = v.Counts! with { Head = "7-5", Total = 4, Unread = 3 } });
        Replace<Stored>(history, s => s with { Entries = [.. s.Entries, new("7-5", "w2")] });
        history.InsertRange(history.FindIndex(h => h is Final), [new Scheduled(7, "ann", "later"), new Delivered(7, "reader", "ann", "7-5", "later"), new Came(8, "ann", "later", "7-5")]);
        Assert.True(Checker.Check(history).IsExact, string.Join('\n', Checker.Check(history).Flaws));
        Assert.Equal(1, Checker.Check([.. history, new Scheduled(7, "ann", "gone")]).Lost);
        Assert.True(Checker.Check([.. history, new Scheduled(7, "ann", "gone"), new Cancelled(8, "ann", "gone")]).IsExact);
        Assert.Equal(1, Checker.Check([.. history, new Cancelled(8, "ann", "later")]).Wrong);
        Assert.Equal(1, Checker.Check([.. history, new Came(8, "ann", "later", "7-4")]).Wrong);
        Assert.Equal(1, Checker.Check([.. history, new Snoozed(8, "ann", "never back", "7-1")]).Lost);
    }

    [Fact]
    public void What_was_for_all_is_with_each_once()
    {
        var history = Good();
        Assert.Equal(1, Checker.Check([.. history, new ToAll(8, "for all")]).Lost);
        Replace<Final>(history, f => f with { Entries = [new("7-5", "for all", false, false), .. f.Entries], Counts = f.Counts with { Head = "7-5", Total = 4, Unread = 3 } });
        Replace<View>(history, v => v with { Counts = v.Counts! with { Head = "7-5", Total = 4, Unread = 3 } });
        Replace<Stored>(history, s => s with { Entries = [.. s.Entries, new("7-5", "w2")] });
        history.InsertRange(history.FindIndex(h => h is Final), [new ToAll(7, "for all"), new Delivered(7, "reader", "ann", "7-5", "for all")]);
        Assert.True(Checker.Check(history).IsExact, string.Join('\n', Checker.Check(history).Flaws));
        Replace<Final>(history, f => f with { Entries = [new("7-6", "for all", false, false), .. f.Entries] });
        Assert.True(Checker.Check(history).Doubled > 0);
    }

    [Fact]
    public void An_endpoint_is_told_once_of_what_was_not_seen_and_of_nothing_else()
    {
        List<Happening> history = [.. Good(), new ToBeTold(1, "bob", "9-1"), new ToBeTold(2, "bob", "9-2"), new SeenUpTo(30, "bob", "9-1"), new Told(62, "bob", "m1", ["9-2"]), new Told(62, "bob", "m1", ["9-2"])];
        Assert.True(Checker.Check(history).IsExact, string.Join('\n', Checker.Check(history).Flaws));
        Assert.Equal(1, Checker.Check([.. history, new ToBeTold(3, "bob", "9-3")]).Lost);
        Assert.Equal(1, Checker.Check([.. history, new Told(61, "bob", "m2", ["9-2"])]).Doubled);
        Assert.Equal(1, Checker.Check([.. history, new Told(61, "bob", "m3", ["9-1"])]).Wrong);
        Assert.True(Checker.Check([.. history, new Told(29, "bob", "m3", ["9-1"])]).IsExact);
    }

    [Fact]
    public void A_title_that_is_there_twice_is_doubled() =>
        Assert.True(Check(h => Replace<Final>(h, f => f with { Entries = [new("7-5", "d", false, false), .. f.Entries], Counts = new(3, 4, "7-5", 1) })).Doubled > 0);

    [Fact]
    public void A_hole_between_ids_is_a_loss() =>
        Assert.True(Check(h => Replace<Final>(h, f => f with { Entries = [.. f.Entries.Where(e => e.Id != "7-4")], Counts = f.Counts with { Total = 2, Unread = 1 } })).Lost > 0);

    [Fact]
    public void A_hole_that_nobody_was_answered_is_none_where_a_replica_may_have_lacked_it()
    {
        var history = Good();
        Replace<Final>(history, f => f with { Entries = [new("7-6", "e", false, false), .. f.Entries], Counts = new(3, 4, "7-6", 2) });
        Replace<View>(history, v => v with { Counts = new(3, 4, "7-6", 2) });
        Replace<Stored>(history, s => s with { Entries = [.. s.Entries, new("7-6", "w2")] });
        history.InsertRange(history.FindIndex(h => h is Final), [new Acknowledged(7, 7, "ann", "e", "7-6"), new Delivered(7, "reader", "ann", "7-6", "e")]);
        Assert.Equal(1, Checker.Check(history).Lost);
        Assert.True(Checker.Check(history, mayLeaveOut: true).IsExact);
        history.Add(new Acknowledged(9, 8, "ann", "gone", "7-5"));
        Assert.Equal(1, Checker.Check(history, mayLeaveOut: true).Lost);
    }

    [Fact]
    public void What_the_log_does_not_hold_is_lost() =>
        Assert.True(Check(h => Replace<Stored>(h, s => s with { Entries = s.Entries[..^1] })).Lost > 0);

    [Fact]
    public void A_reader_that_misses_one_is_told_from_one_that_has_it() =>
        Assert.True(Check(h => h.RemoveAll(e => e is Delivered { Id: "7-3" })).Lost > 0);

    [Fact]
    public void A_reader_that_misses_the_last_one_too() =>
        Assert.True(Check(h => h.RemoveAll(e => e is Delivered { Id: "7-4" })).Lost > 0);

    [Fact]
    public void A_delivery_again_after_resuming_is_doubled() =>
        Assert.Equal(1, Check(h => h.Insert(h.FindIndex(e => e is Opened { After: "7-2" }) + 1, new Delivered(4, "reader", "ann", "7-2", "b"))).Doubled);

    [Fact]
    public void A_delivery_out_of_order_is_misordered() => Assert.True(Check(h =>
    {
        var (third, fourth) = (h.FindIndex(e => e is Delivered { Id: "7-3" }), h.FindIndex(e => e is Delivered { Id: "7-4" }));
        (h[third], h[fourth]) = (h[fourth], h[third]);
    }).Misordered > 0);

    [Fact]
    public void A_delivery_with_another_content_is_wrong() =>
        Assert.True(Check(h => Replace<Delivered>(h, d => d.Id == "7-3" ? d with { Title = "x" } : d)).Wrong > 0);

    [Fact]
    public void Counts_that_the_page_does_not_bear_out_are_wrong() =>
        Assert.True(Check(h => Replace<Final>(h, f => f with { Counts = f.Counts with { Unread = 3 } })).Wrong > 0);

    [Fact]
    public void A_mark_that_was_answered_and_is_not_there_is_wrong() =>
        Assert.True(Check(h => h.Add(new Marked(9, "ann", "archive", false, ["7-4"]))).Wrong > 0);

    /// <summary>A run ended so, before a front-end that stood still refused what had waited in its sockets: its client had repeated the mark elsewhere, and taken it back.</summary>
    [Fact]
    public void A_mark_that_a_thawed_front_end_makes_once_more_over_a_later_one_is_wrong() => Assert.Equal(1, Check(h =>
    {
        var counts = new Counts(1, 3, "7-4", 5);
        Happening[] end = [.. h.Where(e => e is Final or View or Stored)];
        h.RemoveRange(h.Count - end.Length, end.Length);
        h.AddRange([new Deed(6, "freeze front-end", "front-end-1"), new Marked(7, "ann", "archive", false, ["7-3"]), new Marked(7, "ann", "unarchive", false, ["7-3"]), new Deed(7, Deed.Ready, "front-end-1"), .. end]);
        Replace<Final>(h, f => f with { Entries = [.. f.Entries.Select(e => e.Id == "7-3" ? e with { Archived = true } : e)], Counts = counts });
        Replace<View>(h, v => v with { Counts = counts });
    }).Wrong);

    [Theory]
    [InlineData("yes", true, 0)]
    [InlineData(null, true, 1)]
    [InlineData("no", true, 1)]
    [InlineData("yes", false, 1)]
    public void The_first_choice_of_a_notification_is_shown_and_read(string? shown, bool isRead, int wrong) => Assert.Equal(wrong, Check(h =>
    {
        h.InsertRange(h.FindIndex(e => e is Final), [new Marked(7, "ann", "yes", false, ["7-3"]), new Marked(7, "ann", "no", false, ["7-3"])]);
        Replace<Final>(h, f => f with { Entries = [.. f.Entries.Select(e => e.Id == "7-3" ? e with { Acted = shown, Read = isRead } : e)], Counts = f.Counts with { Unread = isRead ? 1 : 2 } });
        Replace<View>(h, v => v with { Counts = v.Counts! with { Unread = isRead ? 1 : 2 } });
    }).Wrong);

    [Fact]
    public void What_was_deleted_and_is_there_is_wrong() =>
        Assert.True(Check(h => h.Add(new Marked(9, "ann", "delete", false, ["7-4"]))).Wrong > 0);

    [Fact]
    public void A_reader_that_holds_old_counts_is_wrong() =>
        Assert.Equal(1, Check(h => Replace<View>(h, v => v with { Counts = v.Counts! with { Unread = 9 } })).Wrong);

    [Fact]
    public void A_publish_without_an_answer_may_be_there_once_and_not_twice()
    {
        Assert.True(Check(h => h.Add(new Unanswered(9, "ann", "never"))).IsExact);
        Assert.False(Check(h =>
        {
            h.RemoveAll(e => e is Acknowledged { Title: "d" } or Delivered { Id: "7-4" });
            h.Add(new Unanswered(9, "ann", "a"));
            Replace<Final>(h, f => f with { Entries = [.. f.Entries.Select(e => e.Id == "7-4" ? e with { Title = "a" } : e)] });
        }).IsExact);
    }

    [Fact]
    public void An_entry_that_nobody_published_is_wrong() => Assert.True(Check(h => h.RemoveAll(e => e is Acknowledged { Title: "d" })).Wrong > 0);

    [Fact]
    public void An_answer_that_no_client_should_get_is_wrong() => Assert.Equal(1, Check(h => h.Add(new Refused(9, "POST: 500"))).Wrong);

    private static Verdict Check(Action<List<Happening>> spoil)
    {
        var history = Good();
        spoil(history);
        return Checker.Check(history);
    }

    private static void Replace<T>(List<Happening> history, Func<T, Happening> by) where T : Happening
    {
        for (var i = 0; i < history.Count; i++)
            if (history[i] is T one) history[i] = by(one);
    }

    /// <summary>Four notifications; the second one is deleted, the first one read; a reader that resumes once.</summary>
    private static List<Happening> Good()
    {
        var counts = new Counts(2, 3, "7-4", 2);
        return
        [
            new Opened(0, "reader", "ann", null), new Seen(0, "reader", "ann", "ready", "0-0"),
            new Acknowledged(1, 1, "ann", "a", "7-1"), new Delivered(1, "reader", "ann", "7-1", "a"),
            new Acknowledged(2, 2, "ann", "b", "7-2"), new Delivered(2, "reader", "ann", "7-2", "b"),
            new Marked(3, "ann", "read", true, ["7-1"]), new Marked(3, "ann", "delete", false, ["7-2"]),
            new Deed(3, "kill silo", "silo-1"),
            new Opened(4, "reader", "ann", "7-2"),
            new Acknowledged(5, 3, "ann", "c", "7-3"), new Delivered(5, "reader", "ann", "7-3", "c"), new Seen(5, "reader", "ann", "ready", "7-3"),
            new Acknowledged(6, 6, "ann", "d", "7-4"), new Delivered(6, "reader", "ann", "7-4", "d"),
            new Final(8, "ann", [new("7-4", "d", false, false), new("7-3", "c", false, false), new("7-1", "a", true, false)], counts),
            new View(8, "reader", "ann", counts),
            new Stored(8, "ann", [new("7-1", "w1"), new("7-3", "w2"), new("7-4", "w2")]),
        ];
    }
}
