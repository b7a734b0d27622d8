namespace OrleansInbox;

/// <summary><see cref="InboxOptions.DataPath"/>: what is made there is its owner's alone, from the first moment and not by a later chmod.</summary>
public static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A folder that exists keeps its mode.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    public static FileStream Open(string file, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) options.UnixCreateMode = OwnerOnly;
        return new(file, options);
    }

    /// <returns>Whether others than the owner could use the file until now.</returns>
    public static bool Restrict(string file)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(file) || (File.GetUnixFileMode(file) & ~(OwnerOnly | UnixFileMode.UserExecute)) == 0) return false;
        File.SetUnixFileMode(file, OwnerOnly);
        return true;
    }
}
