using System.Globalization;

namespace OrleansInbox.ClientApi.Demo;

/// <summary>Section <c>Demo</c>; <c>./start --demo FILE --demo-rate N</c> sets it. In Development only.</summary>
/// <param name="File">One webhook delivery a line; null: no demo.</param>
/// <param name="Rate">Notifications a second (above 0, up to 1,000).</param>
internal sealed record DemoOptions(string? File, double Rate)
{
    private const double DefaultRate = 5;
    private const double MaxRate = 1000;

    /// <exception cref="InvalidSettingsException">All that is wrong.</exception>
    public static DemoOptions Read(IConfiguration configuration)
    {
        var (file, rate) = (configuration["Demo:File"], configuration["Demo:Rate"]);
        var (problems, perSecond) = (new List<string>(), DefaultRate);
        if (!string.IsNullOrEmpty(file) && !System.IO.File.Exists(file))
            problems.Add($"Demo:File: there is no file {file}.");
        if (!string.IsNullOrEmpty(rate) && !(double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out perSecond) && perSecond is > 0 and <= MaxRate))
            problems.Add($"Demo:Rate (--demo-rate) must be a number above 0, up to {MaxRate}; it is \"{rate}\".");
        return problems.Count == 0 ? new(string.IsNullOrEmpty(file) ? null : file, perSecond) : throw new InvalidSettingsException(problems);
    }
}
