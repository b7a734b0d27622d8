using System.Globalization;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>One run over a file of deliveries.</summary>
internal sealed class Demo(Options options, TextWriter output, TextWriter error, bool terminal, TimeProvider time)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    /// <exception cref="DemoException">It cannot go on.</exception>
    public async Task<ExitCode> Run(CancellationToken cancellation)
    {
        var file = DeliveryFile.Read(File.ReadLines(options.File));
        foreach (var (line, reason) in file.Broken) await error.WriteLineAsync($"github-demo: line {line} of {options.File} is passed over: {reason}");

        using var http = new HttpClient { BaseAddress = options.Url, Timeout = _timeout };
        var publisher = new Publisher(http, time);
        await publisher.WaitForServer(options.Wait, cancellation);
        http.DefaultRequestHeaders.Authorization = new("ApiKey", ReadKey());

        var people = file.People();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{file.Deliveries} deliveries, {file.Publications.Count} notifications for {people.Count} people, {options.Rate:0.##} a second."));
        if (people.Count > 1)
            await output.WriteLineAsync($"See two of them at {options.Url}?left={Uri.EscapeDataString(people[0])}&right={Uri.EscapeDataString(people[1])} (in Development).");
        return await Publish(publisher, file.Publications, cancellation);
    }

    private async Task<ExitCode> Publish(Publisher publisher, IReadOnlyList<Publication> publications, CancellationToken cancellation)
    {
        var (added, known, refused) = (0, 0, 0);
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Rate), time);
        var progress = new Progress(output, terminal, publications.Count, time);
        try
        {
            foreach (var publication in publications)
            {
                var (outcome, reason) = await publisher.Publish(publication, cancellation);
                if (outcome == Outcome.Added) added++;
                else if (outcome == Outcome.Known) known++;
                else if (refused++ == 0) await error.WriteLineAsync($"github-demo: the first refused, {publication.Notification.Type} to {publication.User}: {reason}");
                progress.Step();
                await pace.WaitForNextTickAsync(cancellation);
            }
        }
        finally
        {
            progress.End();
            await output.WriteLineAsync($"{added} published, {known} were there already, {refused} refused.");
        }
        return refused == 0 ? ExitCode.Done : ExitCode.SomeRefused;
    }

    private string ReadKey()
    {
        if (options.ApiKey is { } key) return key;
        try
        {
            return File.ReadAllText(options.KeyFile!).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DemoException(ExitCode.WrongArguments, $"--key-file cannot be read: {failure.Message}");
        }
    }
}
