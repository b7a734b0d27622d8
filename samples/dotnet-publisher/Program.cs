using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Client;

var services = new ServiceCollection();
services.AddInboxClient(options =>
{
    options.BaseAddress = new("http://127.0.0.1:8080");
    options.ApiKey = Environment.GetEnvironmentVariable("INBOX_API_KEY");
    if (args is [var address]) options.BaseAddress = new(address);
});
await using var provider = services.BuildServiceProvider();
var inbox = provider.GetRequiredService<IInboxClient>();

var comment = new Notification
{
    Type = "comment.created",
    Title = "Bob commented on your post",
    Url = "/posts/7#c17",
    Group = "post:7",
    Actor = new() { Id = "bob", Name = "Bob" },
    Data = NotificationData.Parse("""{ "commentId": 17 }"""),
};
for (var time = 1; time <= 2; time++)
{
    var result = await inbox.PublishAsync("ann", comment, new() { IdempotencyKey = "comment-17" });
    Console.WriteLine(result.Replayed ? "It was there already." : "It is in ann's inbox.");
}

var reminder = await inbox.PublishAsync("ann", new() { Type = "reminder", Title = "Stand-up", DeliverAt = DateTimeOffset.UtcNow.AddHours(1) });
await inbox.CancelScheduledAsync("ann", reminder.Scheduled!);

try
{
    await inbox.PublishAsync("ann", new() { Type = "Comment", Title = "" });
}
catch (InvalidRequestException refused)
{
    foreach (var (field, reasons) in refused.Errors) Console.WriteLine($"{field}: {reasons[0]}");
}

var counts = await inbox.GetCountsAsync("ann");
Console.WriteLine($"ann has {counts.Unread} unread.");
