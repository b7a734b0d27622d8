using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansInbox.Storage;

namespace OrleansInbox.Backups;

/// <summary>Writes <c>FILE.part</c>, its owner's alone, and gives it its name when it is complete and on disk. Disposed of before that it leaves nothing.</summary>
internal sealed class BackupWriter : IDisposable
{
    public const string PartSuffix = ".part";

    private readonly string _file;
    private readonly FileStream _part;
    private readonly GZipStream _packed;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _line = new(64 * 1024);
    private readonly Utf8JsonWriter _json;
    private bool _isComplete;

    /// <exception cref="BackupException">The file is there already, or cannot be written.</exception>
    public BackupWriter(string file, BackupHeader header)
    {
        _file = Path.GetFullPath(file);
        if (File.Exists(_file)) throw new BackupException($"{_file} is there already: choose another name.");
        try
        {
            File.Delete(_file + PartSuffix); // of a backup that was killed; a new one has the mode of a new one
            _part = DataFolder.Open(_file + PartSuffix, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{_file} cannot be written: {failure.Message}", failure);
        }
        _packed = new(_part, CompressionLevel.Fastest, leaveOpen: true);
        _json = BackupFormat.Writer(_line);
        BackupFormat.Write(_json, header);
        EndLine();
    }

    /// <summary>Before compression.</summary>
    public long Bytes { get; private set; }

    public long Inboxes { get; private set; }
    public long Keys { get; private set; }
    public long Topics { get; private set; }
    public long Tombstones { get; private set; }

    public void Write(ArchivedInbox inbox)
    {
        BackupFormat.Write(_json, inbox);
        EndLine();
        Inboxes++;
    }

    public void Write(ArchivedKey key)
    {
        BackupFormat.Write(_json, key);
        EndLine();
        Keys++;
    }

    public void Write(ArchivedTopic topic)
    {
        BackupFormat.Write(_json, topic);
        EndLine();
        Topics++;
    }

    public void Write(ArchivedAnnouncements announcements)
    {
        BackupFormat.Write(_json, announcements);
        EndLine();
    }

    public void Write(Tombstone tombstone)
    {
        BackupFormat.Write(_json, tombstone);
        EndLine();
        Tombstones++;
    }

    /// <summary>From now on the file is there.</summary>
    public BackupSummary Complete()
    {
        var summary = new BackupSummary(Inboxes, Keys, Tombstones) { Topics = Topics };
        BackupFormat.Write(_json, summary, _hash.GetCurrentHash());
        EndLine();
        _packed.Dispose();
        _part.Flush(flushToDisk: true);
        _part.Dispose();
        File.Move(_file + PartSuffix, _file, overwrite: false);
        _isComplete = true;
        return summary;
    }

    public void Dispose()
    {
        _hash.Dispose();
        _json.Dispose();
        if (_isComplete) return;
        try
        {
            _packed.Dispose();
            _part.Dispose();
        }
        catch (IOException)
        {
            // A full disk: what follows makes room.
        }
        File.Delete(_file + PartSuffix);
    }

    private void EndLine()
    {
        _json.Flush();
        _line.Write("\n"u8);
        _hash.AppendData(_line.WrittenSpan);
        Bytes += _line.WrittenCount;
        try
        {
            _packed.Write(_line.WrittenSpan);
        }
        catch (IOException failure)
        {
            throw new BackupException($"{_file} cannot be written: {failure.Message}", failure);
        }
        _line.ResetWrittenCount();
        _json.Reset();
    }
}
