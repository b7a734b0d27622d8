using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OrleansInbox.ClientApi.Development;

namespace OrleansInbox.ClientApi.Demo;

/// <summary>Publishes the demo's file at a visible pace, through HTTP and with an API key, as any publisher does.</summary>
internal sealed class DemoPublisher(DemoFile file, DemoOptions options, DevelopmentCredentials credentials, IServer server, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private const int Attempts = 8;
    private static readonly TimeSpan _headStart = TimeSpan.FromSeconds(3); // to open the page
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        foreach (var (line, reason) in file.Broken)
            await Console.Error.WriteLineAsync($"Demo: line {line} of {options.File} is passed over: {reason}.");
        Console.WriteLine($"Demo: {file.Deliveries} deliveries concern {file.People().Count} people: {file.Publishes.Count} notifications, {options.Rate:0.##} a second.");
        await Task.Delay(_headStart, time, stoppingToken);

        using var http = new HttpClient { BaseAddress = new(Url()) };
        http.DefaultRequestHeaders.Authorization = new("ApiKey", credentials.ApiKey);
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Rate), time);
        var progress = new ProgressBar("Demo", file.Publishes.Count);
        var (added, replayed, refused) = (0, 0, 0);
        foreach (var publish in file.Publishes)
        {
            var answer = await Publish(http, publish, stoppingToken);
            if (answer == HttpStatusCode.Created) added++;
            else if (answer == HttpStatusCode.OK) replayed++;
            else refused++;
            progress.Step();
            await pace.WaitForNextTickAsync(stoppingToken);
        }
        Console.WriteLine($"Demo: done; {added} published, {replayed} were there already, {refused} refused.");
    }

    private async Task<HttpStatusCode?> Publish(HttpClient http, DemoPublish publish, CancellationToken stop)
    {
        HttpStatusCode? answered = null;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/users/{Uri.EscapeDataString(publish.User)}/notifications");
                request.Headers.Add("Idempotency-Key", publish.IdempotencyKey);
                request.Content = JsonContent.Create(publish.Notification, options: _json);
                using var response = await http.SendAsync(request, stop);
                answered = response.StatusCode;
                if (answered is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)) return answered;
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), time, stop);
            }
            catch (HttpRequestException) // the same key again: whether it was taken or not
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            }
        }
        return answered;
    }

    private string Url()
    {
        var url = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1:5000";
        return url.Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).TrimEnd('/') + "/";
    }
}
