namespace OrleansInbox.ClientApi.Demo;

/// <summary>On a terminal a bar that fills; in a file a line for every tenth.</summary>
internal sealed class ProgressBar(string what, int total)
{
    private const int Width = 30;
    private int _done;

    public void Step()
    {
        _done++;
        if (!Console.IsOutputRedirected)
            Console.Write($"\r{what} [{new string('#', _done * Width / total).PadRight(Width, '.')}] {_done}/{total}{(_done == total ? "\n" : "")}");
        else if (_done * 10 / total != (_done - 1) * 10 / total)
            Console.WriteLine($"{what}: {_done}/{total}");
    }
}
