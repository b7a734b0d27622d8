namespace OrleansInbox.Tests.Abstractions;

public sealed class NotificationIdTests
{
    [Theory]
    [InlineData("1-1", 1, 1)]
    [InlineData("1766000000000-42", 1766000000000, 42)]
    public void An_id_reads_back_as_it_is_written(string text, long epoch, long seq)
    {
        Assert.True(NotificationId.TryParse(text, out var id));
        Assert.Equal(new NotificationId(epoch, seq), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("+1-1")]
    [InlineData("1-1-1")]
    [InlineData("1 - 1")]
    [InlineData("99999999999999999999-1")]
    public void What_is_no_id_is_refused(string text) => Assert.False(NotificationId.TryParse(text, out _));
}
