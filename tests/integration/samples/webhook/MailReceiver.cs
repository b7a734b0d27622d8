using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace OrleansInbox.Tests.Samples.Webhook;

/// <summary>samples/webhook-mail as a process of the test's own, on a free port; what it prints can be waited for.</summary>
internal sealed class MailReceiver : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly string _sample = Path.Combine(Checkout.Root, "samples", "webhook-mail");
    private static readonly Lazy<Task> _packages = new(InstallPackages);
    private static readonly HttpClient _http = new();

    private readonly Process _process;
    private readonly Channel<string> _printed = Channel.CreateUnbounded<string>();

    private MailReceiver(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, printed) => Add(printed.Data);
        process.ErrorDataReceived += (_, printed) => Add(printed.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Add(string? line)
        {
            if (line is not null) _printed.Writer.TryWrite(line);
        }
    }

    public static byte[] Secret { get; } = RandomNumberGenerator.GetBytes(32);

    public Uri Url { get; private set; } = null!;

    /// <param name="folder">Where the mails go.</param>
    public static async Task<MailReceiver> Start(string folder)
    {
        await _packages.Value;
        var start = StartInfo("node", "receive.mjs");
        (start.Environment["WEBHOOK_SECRET"], start.Environment["PORT"], start.Environment["MAILS"]) = ("whsec_" + Convert.ToBase64String(Secret), "0", folder);
        var receiver = new MailReceiver(Process.Start(start)!);
        try
        {
            receiver.Url = new Uri((await receiver.Line("listening on ")).Split(' ')[^1]);
            return receiver;
        }
        catch
        {
            await receiver.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next line that it prints with this beginning.</summary>
    public async Task<string> Line(string beginning)
    {
        using var patience = new CancellationTokenSource(_patience);
        var others = new List<string>();
        try
        {
            while (true)
            {
                var line = await _printed.Reader.ReadAsync(patience.Token);
                if (line.StartsWith(beginning, StringComparison.Ordinal)) return line;
                others.Add(line);
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Waited {_patience} for receive.mjs to print \"{beginning}…\"; it printed: {string.Join('\n', others)}", e);
        }
    }

    /// <summary>An event as the server sends it.</summary>
    public async Task<HttpStatusCode> Post(string id, string body, DateTimeOffset? at = null, byte[]? secret = null)
    {
        var timestamp = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret ?? Secret, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"))));
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> Get()
    {
        using var response = await _http.GetAsync(Url);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Once for a checkout, and again when other versions are wanted.</summary>
    private static async Task InstallPackages()
    {
        var (wanted, installed) = (Path.Combine(_sample, "package-lock.json"), Path.Combine(_sample, "node_modules", ".package-lock.json"));
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(wanted)) return;
        using var npm = Process.Start(StartInfo("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"))!;
        var said = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0) throw new InvalidOperationException($"npm ci failed in {_sample}: {string.Concat(said)}");
    }

    private static ProcessStartInfo StartInfo(string program, params string[] arguments) =>
        new(program, arguments) { WorkingDirectory = _sample, RedirectStandardOutput = true, RedirectStandardError = true };
}
