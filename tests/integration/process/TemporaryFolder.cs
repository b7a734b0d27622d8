namespace OrleansInbox.Tests.Processes;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-data-");

    public string FullName => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
