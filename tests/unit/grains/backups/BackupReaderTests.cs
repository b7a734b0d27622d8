using System.IO.Compression;
using System.Text;
using OrleansInbox.Backups;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Backups;

/// <summary>A backup is read as it was written, or not at all.</summary>
public sealed class BackupReaderTests : IDisposable
{
    private static readonly DateTimeOffset _created = new(2026, 11, 30, 1, 2, 3, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-file-");

    private string File => Path.Combine(_folder.FullName, "a.backup");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read()
    {
        var large = Inbox(3, json: $$"""{"body":"{{new string('x', 700_000)}}"}""");
        var waiting = new WaitingItem("5-7", DateTimeOffset.FromUnixTimeMilliseconds(8), """{"createdAt":"x","title":"“é”"}"""u8.ToArray());
        Write(Inbox(1) with { Waiting = [waiting] }, large, new ArchivedInbox("t/erased", 5, 0, IsErased: true, SeqRanges.Empty, [], null));

        var lines = new BackupReader(File).Lines().ToList();
        Assert.Equal(new BackupHeader("orleansinbox-backup", 3, _created, "redis"), lines[0]);
        var read = lines.OfType<ArchivedInbox>().ToList();
        Assert.Equal(["t/1", "t/3", "t/erased"], read.Select(inbox => inbox.Key));
        Assert.Equal((1_766_000_000_000, 12, "3-4,9", """{"version":7,"read":"1"}"""), (read[0].Epoch, read[0].Head, read[0].Skipped.ToString(), Encoding.UTF8.GetString(read[0].Marks!)));
        Assert.Equal([(1, 10, null, "w"), (2, 20, 99, "w")], read[0].Entries.Select(entry => (entry.Seq, entry.CreatedAt, entry.ExpiresAt, entry.Writer)));
        Assert.Equal(large.Entries[0].Json, read[1].Entries[0].Json);
        Assert.Equal(("5-7", 8, """{"createdAt":"x","title":"“é”"}"""), read[0].Waiting is [var one] ? (one.Id, one.DueAt.ToUnixTimeMilliseconds(), Encoding.UTF8.GetString(one.Json)) : default);
        Assert.Empty(read[1].Waiting);
        Assert.True(read[2].IsErased);
        Assert.Equal(new ArchivedKey("t/1", "abc", 1, 2, 3, "h", 4), Assert.Single(lines.OfType<ArchivedKey>()));
        Assert.Equal(("t/topic", true, "ann,“é”"), Assert.Single(lines.OfType<ArchivedTopic>()) is var topic ? (topic.Key, topic.IsOpen, string.Join(',', topic.Subscribers)) : default);
        Assert.Equal(new Tombstone("def", 5, 6), Assert.Single(lines.OfType<Tombstone>()));
        Assert.Equal(new BackupSummary(3, 1, 1) { Topics = 1 }, lines[^1]);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_torn_or_altered_file_is_refused_wherever_that_is()
    {
        Write([.. Enumerable.Range(1, 40).Select(n => Inbox(n))]);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var at = 20; at < whole.Length - 8; at += 37) // before is gzip's header, of which some says nothing of the content
        {
            Refused(whole[..at]);
            var altered = whole.ToArray();
            altered[at] ^= 0x10;
            Refused(altered);
        }
        Refused([]);
    }

    [Theory]
    [InlineData("\"head\":12", "\"head\":13")]
    [InlineData("\"version\":3,", "\"version\":4,")]
    [InlineData("orleansinbox-backup", "something-else-else")]
    [InlineData("\"inboxes\":2", "\"inboxes\":3")]
    [InlineData("\"inbox\":\"t/2\"", "\"unbox\":\"t/2\"")]
    [InlineData("\"end\":true", "\"und\":true")]
    public void One_that_was_packed_again_is_refused_too(string was, string becomes)
    {
        Write(Inbox(1), Inbox(2));
        var text = Unpacked();
        Assert.Contains(was, text, StringComparison.Ordinal);
        Pack(text.Replace(was, becomes, StringComparison.Ordinal));
        var refused = Assert.Throws<BackupException>(() => new BackupReader(File).Lines().Count());
        if (becomes == "\"version\":4,") Assert.Contains("version 4 of the format", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_stays_of_one_that_is_given_up_and_one_that_is_there_is_not_written_over()
    {
        using (var writer = Begin()) writer.Write(Inbox(1));
        Assert.Empty(Directory.GetFiles(_folder.FullName));
        Write(Inbox(1));
        Assert.Contains("is there already", Assert.Throws<BackupException>(Begin).Message, StringComparison.Ordinal);
        System.IO.File.Delete(File);
        System.IO.File.WriteAllText(File + ".part", "of one that was killed");
        Write(Inbox(1));
        Assert.Equal([File], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void Versions_that_were_lost_are_not_used_again()
    {
        var marked = Inbox(1).AfterLoss(TimeSpan.FromMinutes(1));
        Assert.Equal("""{"version":700007,"read":"1"}""", Encoding.UTF8.GetString(marked.Marks!));
        Assert.Equal("""{"epoch":0,"version":100000}""", Encoding.UTF8.GetString((Inbox(1) with { Marks = null }).AfterLoss(TimeSpan.FromDays(-1)).Marks!));
    }

    private static ArchivedInbox Inbox(int n, string json = """{"title":"“é” \u00e9 <🙂>"}""") => new($"t/{n}", 1_766_000_000_000, 12, IsErased: false, SeqRanges.Parse("3-4,9"),
        [new(1, 10, null, "w", Encoding.UTF8.GetBytes(json)), new(2, 20, 99, "w", Encoding.UTF8.GetBytes(json))], """{"version":7,"read":"1"}"""u8.ToArray());

    private BackupWriter Begin() => new(File, new("", 0, _created, "redis"));

    private void Write(params ArchivedInbox[] inboxes)
    {
        using var writer = Begin();
        foreach (var inbox in inboxes) writer.Write(inbox);
        writer.Write(new ArchivedKey("t/1", "abc", 1, 2, 3, "h", 4));
        writer.Write(new ArchivedTopic("t/topic", IsOpen: true, ["ann", "“é”"]));
        writer.Write(new Tombstone("def", 5, 6));
        writer.Complete();
    }

    private void Refused(byte[] content)
    {
        System.IO.File.WriteAllBytes(File, content);
        Assert.Throws<BackupException>(() => new BackupReader(File).Lines().Count());
    }

    private string Unpacked()
    {
        using var text = new StreamReader(new GZipStream(System.IO.File.OpenRead(File), CompressionMode.Decompress));
        return text.ReadToEnd();
    }

    private void Pack(string text)
    {
        using var packed = new GZipStream(System.IO.File.Create(File), CompressionLevel.Fastest);
        packed.Write(Encoding.UTF8.GetBytes(text));
    }
}
