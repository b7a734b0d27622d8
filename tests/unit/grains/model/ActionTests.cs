using System.Text;

namespace OrleansInbox.Tests.Grains.Model;

public sealed class ActionTests
{
    private const long _epoch = 1_766_000_000_000;
    private static readonly DateTimeOffset _now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private InboxState _state = InboxState.Of(new InboxMarks(), _epoch, 10, 1);

    [Fact]
    public void The_first_choice_is_read_and_stays()
    {
        Assert.Equal([MarkAction.Read, null], Act(4, "approve").Select(change => change.Action));
        Assert.Equal((new Acted(4, "approve", _now.ToUnixTimeMilliseconds()), true), (_state.ActedOf(4), _state.IsRead(4)));
        Assert.Empty(Act(4, "approve"));
        Assert.Equal("approve", Assert.Throws<AlreadyActedException>(() => _state.Act(4, "decline", _now)).Action);
        Assert.Empty(Act(11, "approve")); // not there
        (_state, _) = _state.Patch(4, read: false, archived: null);
        Assert.Equal(MarkAction.Read, Assert.Single(Act(4, "approve")).Action);
        Assert.Equal(new Acted(4, "approve", _now.ToUnixTimeMilliseconds()), Assert.Single(Act(2, "x"), change => change.Acted is not null).Acted! with { Seq = 4, Action = "approve" });
    }

    [Fact]
    public void What_was_chosen_is_stored_in_order_and_goes_with_its_notification()
    {
        foreach (var seq in new[] { 7L, 2, 9, 4 }) Act(seq, $"a{seq}");
        var time = _now.ToUnixTimeMilliseconds();
        Assert.Equal($"2:a2:{time};4:a4:{time};7:a7:{time};9:a9:{time};", _state.ToMarks().Acted);
        var loaded = InboxState.Of(_state.ToMarks(), _epoch, 10, 1);
        Assert.Equal(["a2", "a4", "a7", "a9"], new long[] { 2, 4, 7, 9 }.Select(seq => loaded.ActedOf(seq)!.Action));
        (_state, _) = _state.Delete([4]);
        _state = _state.WithFloor(3);
        Assert.Equal([7, 9], Enumerable.Range(1, 10).Where(seq => _state.ActedOf(seq) is not null));
        Assert.Equal($"7:a7:{time};", InboxState.Of(_state.ToMarks(), _epoch, head: 8, floor: 1).ToMarks().Acted); // the log lost its end
        Assert.Null(_state.Erased().ActedOf(7));
    }

    [Theory]
    [InlineData("4:a;")]
    [InlineData("x:a:1;")]
    [InlineData("4:a:1;4:b:2;")]
    [InlineData("4:a:later;")]
    public void What_cannot_be_read_is_refused(string text) => Assert.Throws<FormatException>(() => Acted.Parse(text));

    [Fact]
    public void A_stored_notification_says_which_actions_it_has()
    {
        var stored = NotificationJson.Render(new NewNotification
        {
            Type = "t",
            Title = "T",
            Data = "{\"actions\":[{\"id\":\"x\"}]}"u8.ToArray(),
            Actions = [new() { Id = "approve", Label = "Ja „🙂“", Url = "/a?b=1" }, new() { Id = "no", Label = "id" }],
        }, _now);
        Assert.Contains("\"actions\":[{\"id\":\"approve\",\"label\":\"Ja „🙂“\",\"url\":\"/a?b=1\"},{\"id\":\"no\",\"label\":\"id\"}]", Encoding.UTF8.GetString(stored), StringComparison.Ordinal);
        Assert.True(NotificationJson.HasAction(stored, "approve") && NotificationJson.HasAction(stored, "no"));
        Assert.False(NotificationJson.HasAction(stored, "x") || NotificationJson.HasAction(stored, "id"));
        Assert.False(NotificationJson.HasAction(NotificationJson.Render(new NewNotification { Type = "t", Title = "T" }, _now), "no"));
    }

    private IReadOnlyList<MarkChange> Act(long seq, string action)
    {
        var before = _state.MarksVersion;
        (_state, var changes) = _state.Act(seq, action, _now);
        Assert.Equal(before + changes.Count, _state.MarksVersion);
        return changes;
    }
}
