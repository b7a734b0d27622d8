using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Deployment;

public sealed partial class HealthCheckTests
{
    [Theory]
    [InlineData("silo.Dockerfile")]
    [InlineData("front-end.Dockerfile")]
    public async Task The_images_health_check_passes_on_a_server_that_is_ready_and_fails_on_one_that_is_gone(string file)
    {
        var command = JsonSerializer.Deserialize<string[]>(HealthCheck().Match(DeployFolder.Text(file)).Groups[1].Value)!;
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName);
        command[^1] = command[^1].Replace("8080", $"{server.Url.Port}", StringComparison.Ordinal);
        using (var http = new HttpClient()) (await http.GetAsync(new Uri(server.Url, "/health/ready"))).EnsureSuccessStatusCode();

        Assert.Equal(0, await Run(command));
        await server.Kill();
        Assert.NotEqual(0, await Run(command));
    }

    private static async Task<int> Run(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    [GeneratedRegex(@"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex HealthCheck();
}
