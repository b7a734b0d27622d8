namespace OrleansInbox.Storage.Sqlite;

/// <summary>
/// Room on the disk that is given up when it is full: what removes something has to be written, too. Enough for some hundred deletes and marks. As long as it
/// cannot be taken again the disk counts as full, so that nothing else uses up what was given.
/// </summary>
/// <remarks>For the writer's thread.</remarks>
internal sealed class SqliteReserve(string file)
{
    private const int Bytes = 4 * 1024 * 1024;
    private const long TryEvery = 1_000; // ms

    private bool _isHeld;
    private long _tryAt;

    /// <param name="makeRoom">Done when there is no room, before it is tried once more.</param>
    /// <returns>False when the disk is full.</returns>
    public bool TryHold(Action makeRoom)
    {
        if (_isHeld) return true;
        var now = Environment.TickCount64;
        if (now < _tryAt) return false;
        if (TryTake()) return true;
        makeRoom();
        _tryAt = Environment.TickCount64 + TryEvery;
        return TryTake();
    }

    /// <returns>False when there is none to give up.</returns>
    public bool GiveUp()
    {
        if (!_isHeld) return false;
        _isHeld = false;
        _tryAt = Environment.TickCount64 + TryEvery;
        return Delete();
    }

    private bool TryTake()
    {
        try
        {
            using var reserve = DataFolder.Open(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            var zeros = new byte[64 * 1024];
            for (reserve.Position = reserve.Length; reserve.Position < Bytes;) reserve.Write(zeros); // written: a length alone takes no room
            reserve.Flush(flushToDisk: false);
            return _isHeld = true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            Delete();
            return false;
        }
    }

    private bool Delete()
    {
        try
        {
            File.Delete(file);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
