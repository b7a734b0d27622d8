using System.Text;

namespace OrleansInbox.Tests.Grains.Model;

/// <summary>What is muted, and when it is quiet.</summary>
public sealed class PreferencesTests
{
    private const string _all = """{"mute":{"types":["comment.*","like"],"groups":["post:7"],"topics":["t “é”"]},"quiet":{"from":"22:00","to":"07:00","zone":"Europe/Berlin"},"channels":{"email":{"off":["comment.*"]},"sms":{"off":[]}}}""";

    [Theory]
    [InlineData("comment.created", null, "types")]
    [InlineData("comment", null, null)]
    [InlineData("like", "post:7", "types")]
    [InlineData("likes", "post:7", "groups")]
    [InlineData("likes", "post:77", null)]
    public void A_type_or_its_beginning_or_a_group_is_muted(string type, string? group, string? by) => Assert.Equal(by, Parse(_all).Mutes(type, group));

    [Fact]
    public void A_star_alone_mutes_all() => Assert.Equal("types", Parse("""{"mute":{"types":["*"]}}""").Mutes("anything", null));

    [Fact]
    public void What_is_written_is_what_was_read()
    {
        Assert.Equal(_all, Encoding.UTF8.GetString(Parse(_all).ToJson()));
        Assert.Equal("""{"mute":{"types":[],"groups":[],"topics":[]},"quiet":null,"channels":{}}""", Encoding.UTF8.GetString(Parse("{}").ToJson()));
    }

    [Theory]
    [InlineData("""{"mute":{"types":["Comment"]}}""", "mute.types")]
    [InlineData("""{"mute":{"types":["a*b"]}}""", "mute.types")]
    [InlineData("""{"mute":{"types":["a"],"types":["b"]}}""", "mute.types")]
    [InlineData("""{"mute":{"types":"a"}}""", "mute.types")]
    [InlineData("""{"mute":{"groups":[""]}}""", "mute.groups")]
    [InlineData("""{"mute":{"groups":[7]}}""", "mute.groups")]
    [InlineData("""{"mute":{"users":["bob"]}}""", "mute.users")]
    [InlineData("""{"mute":{},"mute":{}}""", "mute")]
    [InlineData("""{"quiet":{"from":"22:00","to":"07:00","zone":"Europe/Nowhere"}}""", "quiet.zone")]
    [InlineData("""{"quiet":{"from":"22:00","to":"07:00","zone":"../../etc/passwd"}}""", "quiet.zone")]
    [InlineData("""{"quiet":{"from":"22:00","to":"07:00","zone":"W. Europe Standard Time"}}""", "quiet.zone")]
    [InlineData("""{"quiet":{"from":"22:00","to":"07:00"}}""", "quiet.zone")]
    [InlineData("""{"quiet":{"from":"24:00","to":"07:00","zone":"UTC"}}""", "quiet.from")]
    [InlineData("""{"quiet":{"from":"7:00","to":"08:00","zone":"UTC"}}""", "quiet.from")]
    [InlineData("""{"quiet":{"from":"07:00","to":"07:00","zone":"UTC"}}""", "quiet.to")]
    [InlineData("""{"channels":{"E-Mail":{"off":[]}}}""", "channels")]
    [InlineData("""{"channels":{"email":["a"]}}""", "channels.email")]
    [InlineData("""{"channels":{"email":{"off":["A"]}}}""", "channels.email.off")]
    [InlineData("""{"sound":true}""", "sound")]
    public void What_is_wrong_is_named(string json, string field)
    {
        var errors = new FieldErrors();
        Assert.Null(JsonBody.Parse(Encoding.UTF8.GetBytes(json), PreferencesBody.Parse, errors));
        Assert.Equal([field], errors.ToDictionary().Keys);
    }

    [Fact]
    public void They_stay_small()
    {
        Assert.Equal(500, Parse(Groups(500, "")).MutedGroups.Count);
        foreach (var large in new[] { Groups(501, ""), Groups(400, new string('x', 50)) })
        {
            var errors = new FieldErrors();
            Assert.Null(JsonBody.Parse(Encoding.UTF8.GetBytes(large), PreferencesBody.Parse, errors));
            Assert.Equal(["$"], errors.ToDictionary().Keys);
        }

        static string Groups(int count, string more) => $$$"""{"mute":{"groups":[{{{string.Join(',', Enumerable.Range(0, count).Select(n => $"\"g{n}{more}\""))}}}]}}""";
    }

    [Theory]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-12-01T20:59:59Z", null)]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-12-01T21:00:00Z", "2026-12-02T06:00:00Z")]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-12-02T05:59:59Z", "2026-12-02T06:00:00Z")]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-12-02T06:00:00Z", null)]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-07-01T20:30:00Z", "2026-07-02T05:00:00Z")] // summer time
    [InlineData("12:00", "13:00", "Asia/Kolkata", "2026-07-01T07:00:00Z", "2026-07-01T07:30:00Z")]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z")] // a night without the hour from 2 to 3
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z")] // a night that has it twice
    [InlineData("01:00", "02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")] // ends in the hour that is not there: when clocks have gone over it
    [InlineData("01:00", "02:30", "Europe/Berlin", "2026-10-25T00:10:00Z", "2026-10-25T01:30:00Z")] // ends in the hour that is there twice: the second time
    [InlineData("01:00", "02:30", "Europe/Berlin", "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z")]
    public void Quiet_hours_are_those_of_the_clocks_of_the_zone(string from, string to, string zone, string now, string? end)
    {
        Assert.True(QuietHours.TryParse(from, out var begin) & QuietHours.TryParse(to, out var until));
        var quiet = new QuietHours(begin, until, zone);
        var at = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(end is not null, quiet.Includes(at));
        Assert.Equal(end is null ? at : DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture), quiet.EndAfter(at));
    }

    [Fact]
    public void The_marks_keep_them_over_marks_and_an_erase_and_a_zone_that_is_gone_is_never_quiet()
    {
        var state = InboxState.Of(new InboxMarks(), 5, 3, 1).WithPreferences(Parse(_all));
        Assert.Equal((1, state), (state.PreferencesVersion, state.WithPreferences(Parse(_all))));
        state = state.WithPreferences(Parse("""{"mute":{"types":["a"]}}"""));
        state = InboxState.Of(state.ToMarks(), 5, 3, 1);
        Assert.Equal((2, "types", 0), (state.PreferencesVersion, state.Preferences!.Mutes("a", null), state.MarksVersion));
        state = InboxState.Of(state.Erased().ToMarks(), 0, 0, 1);
        Assert.Equal((2, "types"), (state.PreferencesVersion, state.Preferences!.Mutes("a", null)));
        Assert.Null(state.Forgotten().Preferences);
        var marks = state.ToMarks();
        marks.Preferences = "3 " + _all.Replace("Europe/Berlin", "Europe/Gone", StringComparison.Ordinal);
        state = InboxState.Of(marks, 0, 0, 1);
        Assert.Equal(("types", false), (state.Preferences!.Mutes("like", null), state.Preferences.Quiet!.Includes(DateTimeOffset.UtcNow)));
    }

    private static Preferences Parse(string json) => PreferencesBody.Parse(Encoding.UTF8.GetBytes(json), new FieldErrors()) is var parsed && JsonBody.Parse(Encoding.UTF8.GetBytes(json), PreferencesBody.Parse, new FieldErrors()) is not null ? parsed : throw new InvalidOperationException("They are not valid.");
}
