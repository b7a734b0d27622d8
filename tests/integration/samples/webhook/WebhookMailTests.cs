using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Tests.Processes;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Tests.Samples.Webhook;

/// <summary>samples/webhook-mail: who did not look has one mail, with what concerns mails, and whatever its titles are.</summary>
public sealed class WebhookMailTests : IDisposable
{
    private const string Unseen = WebhookOptions.Unseen;

    private readonly TemporaryFolder _data = new(), _mails = new();

    [FactWithNode]
    public async Task Who_did_not_look_has_one_mail_without_what_is_off_for_mails()
    {
        await using var receiver = await MailReceiver.Start(_mails.FullName);
        await using var host = await StartHost(receiver);
        var inbox = host.Inbox("ann");
        await inbox.SavePreferences("""{"channels":{"email":{"off":["like.*"]},"sms":{"off":["*"]}}}"""u8.ToArray(), null);
        await inbox.Append(New("Bob commented") with { Body = "Looks good.\nMerge it?", Url = "/posts/7?a=1&b=2" });
        await inbox.Append(New("Chloe likes it") with { Type = "like.post" });
        await inbox.Append(New("Dmitri commented"));
        await inbox.Append(New("Eve commented") with { Url = "https://example.net/posts/8" });
        host.Time.Move(TimeSpan.FromSeconds(61));

        var mail = WrittenMail.Read((await receiver.Line("wrote "))["wrote ".Length..]);
        Assert.Equal("3 notifications you have not seen", mail.Subject);
        Assert.Equal("<ann@example.org>", mail.Header("To"));
        Assert.Equal(
            "Bob commented\r\n  Looks good.\r\n  Merge it?\r\n  https://example.org/posts/7?a=1&b=2\r\n\r\nDmitri commented\r\n\r\nEve commented\r\n  https://example.net/posts/8\r\n",
            mail.Plain);
        Assert.Contains("<a href=\"https://example.org/posts/7?a=1&#38;b=2\">Bob commented</a><br>\r\nLooks good.<br>\r\nMerge it?</p>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("<p>Dmitri commented</p>", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Chloe", mail.Html, StringComparison.Ordinal);
        Assert.Single(Mails());
    }

    [FactWithNode]
    public async Task A_hostile_title_is_text_in_the_subject_and_in_both_bodies()
    {
        const string Title = "Grüße 🎉\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script> \u202E=?UTF-8?B?eA==?=\u2028", Harmless = "Grüße 🎉 Bcc: eve@example.org <script>alert(1)</script>  =?UTF-8?B?eA==?=";
        await using var receiver = await MailReceiver.Start(_mails.FullName);
        await using var host = await StartHost(receiver);
        await host.Inbox("ann").Append(New(Title) with { Body = "--alternative--\r\n.\r\n\"'<img src=x onerror=alert(1)>" });
        host.Time.Move(TimeSpan.FromSeconds(61));

        var mail = WrittenMail.Read((await receiver.Line("wrote "))["wrote ".Length..]);
        Assert.Equal(["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"], mail.Headers.Select(header => header.Name));
        Assert.Equal(Harmless, mail.Subject);
        Assert.Equal($"{Harmless}\r\n  --alternative--\r\n  .\r\n  \"'<img src=x onerror=alert(1)>\r\n", mail.Plain);
        const string Before = "<!doctype html>\r\n<meta charset=\"utf-8\">\r\n<p>", After = "</p>\r\n";
        Assert.StartsWith(Before, mail.Html, StringComparison.Ordinal);
        Assert.EndsWith(After, mail.Html, StringComparison.Ordinal);
        var text = mail.Html[Before.Length..^After.Length].Replace("<br>\r\n", "\n", StringComparison.Ordinal);
        Assert.False(text.AsSpan().ContainsAny("<>\"'"));
        Assert.Equal($"{Harmless}\n--alternative--\n.\n\"'<img src=x onerror=alert(1)>", WebUtility.HtmlDecode(text));
    }

    [FactWithNode]
    public async Task The_same_event_gives_one_mail_also_at_once_and_after_a_restart()
    {
        var body = Event(Unseen, "ann", "test", "once");
        await using (var receiver = await MailReceiver.Start(_mails.FullName))
        {
            Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NoContent], await Task.WhenAll(receiver.Post("msg_1", body), receiver.Post("msg_1", body)));
            var mail = WrittenMail.Read(Assert.Single(Mails()));
            Assert.Equal("once", mail.Subject);
            await File.WriteAllTextAsync(Mails()[0], "it was not written again");
            Assert.Equal(HttpStatusCode.NoContent, await receiver.Post("msg_1", body));
        }
        await using (var receiver = await MailReceiver.Start(_mails.FullName))
        {
            Assert.Equal(HttpStatusCode.NoContent, await receiver.Post("msg_1", body));
            Assert.Equal("it was not written again", await File.ReadAllTextAsync(Assert.Single(Mails())));
            Assert.Equal(HttpStatusCode.NoContent, await receiver.Post("msg_2", body));
            Assert.Equal(2, Mails().Length);
        }
    }

    [FactWithNode]
    public async Task What_is_not_signed_by_the_server_or_not_an_event_is_refused_and_writes_nothing()
    {
        await using var receiver = await MailReceiver.Start(_mails.FullName);
        var body = Event(Unseen, "ann", "test", "refused");
        Assert.Equal(HttpStatusCode.BadRequest, await receiver.Post("msg_1", body, secret: new byte[32]));
        Assert.Equal(HttpStatusCode.BadRequest, await receiver.Post("msg_1", body, at: DateTimeOffset.UtcNow.AddMinutes(-6)));
        Assert.Equal(HttpStatusCode.BadRequest, await receiver.Post("msg_1", "no JSON"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await receiver.Post("msg_1", body + new string(' ', 1024 * 1024)));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await receiver.Get());
        Assert.Empty(Directory.GetFileSystemEntries(_mails.FullName));

        Assert.Equal(HttpStatusCode.NoContent, await receiver.Post("msg_1", body)); // the refused ones are not known
        Assert.Single(Mails());
    }

    [FactWithNode]
    public async Task Nothing_left_to_tell_and_nobody_to_tell_it_to_and_other_events_write_nothing()
    {
        await using var receiver = await MailReceiver.Start(_mails.FullName);
        string[] events =
        [
            Event(Unseen, "ann", "like", "off", off: "like"), Event(Unseen, "ann", "like", "off", off: "*"), Event(WebhookOptions.Read, "ann", "test", "another event"),
            Event(Unseen, "ann@example.net>\r\nBcc: <eve", "test", "no address"), Event(Unseen, "ann\n", "test", "no address"), Event(Unseen, "ann", "test", "another tenant", tenant: "shop"),
        ];
        for (var i = 0; i < events.Length; i++) Assert.Equal(HttpStatusCode.NoContent, await receiver.Post($"msg_{i}", events[i]));
        Assert.Empty(Directory.GetFileSystemEntries(_mails.FullName));
    }

    public void Dispose()
    {
        _data.Dispose();
        _mails.Dispose();
    }

    private string[] Mails() => Directory.GetFiles(_mails.FullName, "*.eml");

    /// <summary>The shortest fallback that there may be: the receiver's own clock stays, and it takes timestamps of the next five minutes.</summary>
    private static NewNotification New(string title) => new() { Type = "comment.created", Title = title, Fallback = new() { After = InboxLimits.ShortestFallback } };

    private static string Event(string type, string user, string itemType, string title, string tenant = "default", string? off = null) =>
        JsonSerializer.Serialize(new
        {
            type,
            timestamp = "2026-12-01T08:00:00.000Z",
            data = new { tenant, user, items = new[] { new { type = itemType, title } }, counts = new { }, channels = off is null ? new object() : new { email = new { off = new[] { off } } } },
        });

    private Task<InboxHost> StartHost(MailReceiver receiver) => InboxHost.Start(redis: null, _data.FullName, new InboxOptions { DuePoll = TimeSpan.FromMilliseconds(20) },
        services => services.AddSingleton(new WebhookOptions { Endpoints = [new(receiver.Url, MailReceiver.Secret, [Unseen], null)] }));
}
