using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansInbox.Backups;

/// <summary>Reads a backup, line by line. Whoever has read it to its end knows that it is whole and as it was written.</summary>
internal sealed class BackupReader(string file)
{
    private const int _firstBuffer = 256 * 1024;
    private const int _maxLine = 1024 * 1024 * 1024;

    /// <summary>Of the packed file: how far it was read, and how long it is.</summary>
    public long Position { get; private set; }

    public long Length { get; private set; }

    /// <summary>Before compression, so far.</summary>
    public long Bytes { get; private set; }

    /// <returns>The lines as <see cref="BackupFormat.Read"/> answers them: the header first, the summary last.</returns>
    /// <exception cref="BackupException">It cannot be read, or is no backup, torn, altered or of a later version.</exception>
    public IEnumerable<object> Lines()
    {
        using var packed = Open();
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        (Length, Position, Bytes) = (packed.Length, 0, 0);
        var (buffer, from, to) = (new byte[_firstBuffer], 0, 0);
        var (inboxes, keys, topics, tombstones, isFirst, ended) = (0L, 0L, 0L, 0L, true, false);
        while (NextLine(unpacked, ref buffer, ref from, ref to) is { Length: > 0 } line)
        {
            Position = packed.Position;
            if (ended) throw Damaged("it goes on after its end");
            var read = Parse(line);
            if (isFirst != read is BackupHeader) throw Damaged(isFirst ? "it has no header" : "it has two headers");
            isFirst = false;
            if (read is BackupHeader header) Check(header);
            else if (read is Storage.ArchivedInbox) inboxes++;
            else if (read is Storage.ArchivedKey) keys++;
            else if (read is Storage.ArchivedTopic) topics++;
            else if (read is Storage.Tombstone) tombstones++;
            if (read is (BackupSummary summary, string sha256))
            {
                if (summary != new BackupSummary(inboxes, keys, tombstones) { Topics = topics } || sha256 != Convert.ToHexStringLower(hash.GetCurrentHash())) throw Damaged("what it says of itself is not so");
                ended = true;
                yield return summary;
                continue;
            }
            hash.AppendData(line.Span);
            Bytes += line.Length;
            yield return read;
        }
        if (!ended) throw Damaged("its end is missing");
    }

    private FileStream Open()
    {
        try
        {
            return new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 128 * 1024);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{file} cannot be read: {failure.Message}", failure);
        }
    }

    /// <returns>With its line break; empty at the end.</returns>
    private ReadOnlyMemory<byte> NextLine(GZipStream unpacked, ref byte[] buffer, ref int from, ref int to)
    {
        for (var searched = from; ;)
        {
            var found = buffer.AsSpan(searched, to - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = buffer.AsMemory(from, searched + found + 1 - from);
                from = searched + found + 1;
                return line;
            }
            searched = to;
            if (to == buffer.Length)
            {
                if (from == 0 && buffer.Length >= _maxLine) throw Damaged("a line has no end");
                var next = from == 0 ? new byte[buffer.Length * 2] : buffer;
                buffer.AsSpan(from, to - from).CopyTo(next);
                (buffer, searched, to, from) = (next, searched - from, to - from, 0);
            }
            int read;
            try
            {
                read = unpacked.Read(buffer, to, buffer.Length - to);
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                throw Damaged(failure.Message, failure);
            }
            if (read == 0) return from == to ? default : throw Damaged("its end is missing");
            to += read;
        }
    }

    private object Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return BackupFormat.Read(line);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Damaged("a line cannot be read", failure);
        }
    }

    private void Check(BackupHeader header)
    {
        if (header.Format != BackupFormat.Name) throw Damaged($"it is of the format '{header.Format}'");
        if (header.Version > BackupFormat.Version)
            throw new BackupException($"{file} is of version {header.Version} of the format; this software knows {BackupFormat.Version} and below. Use the version that made it, or a later one.");
    }

    private BackupException Damaged(string why, Exception? failure = null) => new($"{file} is no whole backup: {why}. Nothing was restored.", failure);
}
