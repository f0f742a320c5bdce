using System.Text;
using Stemma.Tests.Text.Tokenizers.Bpe;
using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Text.Shards;

public sealed class ShardTests
{
    private static BpeTokenizer Tokenizer => TrainedTokenizer.Instance;

    [Fact]
    public void A_shard_holds_the_documents_in_order_each_with_its_end()
    {
        using var folder = new TemporaryFolder();
        Document[] documents = [new("a", "the first"), new("b", ""), new("c", "größer 🙂")];
        var summary = new ShardBuilder { Tokenizer = Tokenizer }.Build(folder["x.bin"], documents);
        using var shard = TokenShard.Open(folder["x.bin"], Tokenizer.Hash);
        var expected = documents.Select(document => (int[])[.. Tokenizer.Encode(document.Text), Tokenizer.EndOfText!.Value]).ToArray();
        Assert.Equal(expected.SelectMany(tokens => tokens), ReadAll(shard));
        Assert.Equal([0, expected[0].Length, expected[0].Length + 1], shard.DocumentOffsets.ToArray());
        Assert.Equal(new ShardSummary(3, shard.Length, documents.Sum(document => Encoding.UTF8.GetByteCount(document.Text))), summary);
        Assert.Equal((summary, 700), (shard.Summary, shard.VocabSize));
    }

    [Fact]
    public void The_number_of_threads_does_not_change_the_file()
    {
        using var folder = new TemporaryFolder();
        var line = string.Concat(TrainedTokenizer.Lines);
        var long1 = new Document("long", string.Concat(Enumerable.Repeat(line, 130)));
        var documents = TrainedTokenizer.Lines.Select((text, index) => new Document($"{index}", text)).Append(long1).Append(new Document("last", "x")).ToList();
        foreach (var threads in (int[])[1, 4]) new ShardBuilder { Tokenizer = Tokenizer, ThreadCount = threads }.Build(folder[$"{threads}"], documents);
        Assert.Equal(File.ReadAllBytes(folder["1"]), File.ReadAllBytes(folder["4"]));
        using var shard = TokenShard.Open(folder["4"]);
        Assert.Equal(documents.SelectMany(document => (int[])[.. Tokenizer.Encode(document.Text), Tokenizer.EndOfText!.Value]), ReadAll(shard));
    }

    [Fact]
    public void Large_vocabularies_take_four_bytes_a_token()
    {
        using var folder = new TemporaryFolder();
        var large = new CharacterTrainer().Train([string.Concat(Enumerable.Range(0x10000, 70_000).Select(char.ConvertFromUtf32))]);
        using (var writer = new ShardWriter(folder["x.bin"], large))
        {
            writer.Append([0, 69_999, 65_536], 12);
            writer.Extend([1], 4);
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append([70_000], 1));
            writer.Complete();
        }

        using var shard = TokenShard.Open(folder["x.bin"], large.Hash);
        Assert.Equal([0, 69_999, 65_536, 1], ReadAll(shard));
        Assert.Equal((16, 1), (shard.TextByteCount, shard.DocumentOffsets.Length));
    }

    [Fact]
    public void Every_flipped_bit_and_every_missing_end_is_found()
    {
        using var folder = new TemporaryFolder();
        new ShardBuilder { Tokenizer = Tokenizer }.Build(folder["x.bin"], [new("a", "the first"), new("b", "second one")]);
        var bytes = File.ReadAllBytes(folder["x.bin"]);
        for (var position = 0; position < bytes.Length; position++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[position] ^= (byte)(1 << (position % 8));
            Refused(folder, damaged);
            Refused(folder, bytes[..position]);
        }

        Refused(folder, [.. bytes, 0]);
    }

    [Fact]
    public void A_shard_of_another_tokenizer_is_refused()
    {
        using var folder = new TemporaryFolder();
        new ShardBuilder { Tokenizer = Tokenizer }.Build(folder["x.bin"], [new("a", "text")]);
        var error = Assert.Throws<TextFormatException>(() => TokenShard.Open(folder["x.bin"], new CharacterTrainer().Train(["a"]).Hash));
        Assert.Contains("was made with another tokenizer", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TokenShard.Open(folder["y.bin"]));
    }

    [Fact]
    public void What_fails_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var characters = new CharacterTrainer().Train(["abc"]);
        var documents = new Document[] { new("good", "abc"), new("bad.txt", new string('a', 1_200_000) + "é") };
        var error = Assert.Throws<TextFormatException>(() => new ShardBuilder { Tokenizer = characters }.Build(folder["x.bin"], documents));
        Assert.StartsWith("bad.txt: The character 'é' (U+00E9) at offset 1200000", error.Message, StringComparison.Ordinal);
        Assert.Throws<TextFormatException>(() => new ShardBuilder { Tokenizer = characters }.Build(folder["x.bin"], []));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new ShardBuilder { Tokenizer = characters }.Build(folder["x.bin"], documents[..1], cancellation: cancelled.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Random_windows_are_a_function_of_seed_step_and_row()
    {
        using var folder = new TemporaryFolder();
        new ShardBuilder { Tokenizer = Tokenizer }.Build(folder["x.bin"], [new("a", string.Concat(TrainedTokenizer.Lines))]);
        using var shard = TokenShard.Open(folder["x.bin"]);
        var all = ReadAll(shard);
        var windows = new RandomWindows(shard, contextLength: 8, seed: 42);
        var batch = new int[4 * 9];
        windows.Read(step: 3, batch);
        for (var row = 0; row < 4; row++)
        {
            var start = (int)windows.Start(3, row);
            Assert.Equal(all[start..(start + 9)], batch[(row * 9)..((row + 1) * 9)]);
            var alone = new int[9];
            new RandomWindows(shard, 8, 42).Read(3, alone, firstRow: row);
            Assert.Equal(batch[(row * 9)..((row + 1) * 9)], alone);
        }

        var starts = Enumerable.Range(0, 20_000).Select(step => windows.Start(step, 0)).ToList();
        Assert.Equal((0, shard.Length - 9), (starts.Min(), starts.Max()));
        Assert.NotEqual(starts[..50], [.. Enumerable.Range(0, 50).Select(step => new RandomWindows(shard, 8, 43).Start(step, 0))]);
        Assert.NotEqual(starts[..50], [.. Enumerable.Range(0, 50).Select(step => windows.Start(step, 1))]);
        Assert.Contains("needs at least", Assert.Throws<TextFormatException>(() => new RandomWindows(shard, (int)shard.Length, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 8, 8)]
    [InlineData(100, 8, 3)]
    [InlineData(97, 8, 1)]
    [InlineData(9, 8, 8)]
    [InlineData(5, 8, 4)]
    [InlineData(1, 8, 8)]
    public void Sequential_windows_score_every_token_but_the_first_once(int tokens, int contextLength, int stride)
    {
        var scored = new int[tokens];
        foreach (var window in SequentialWindows.Over(tokens, contextLength, stride))
        {
            Assert.InRange(window.Length, 2, contextLength + 1);
            Assert.InRange(window.Scored, 1, window.Length - 1);
            for (var i = window.Length - window.Scored; i < window.Length; i++)
            {
                scored[window.Start + i]++;
                Assert.True(window.Start == 0 || i >= contextLength - stride + 1 || window.Start + window.Length == tokens);
            }
        }

        Assert.Equal([0, .. Enumerable.Repeat(1, tokens - 1)], scored);
    }

    [Fact]
    public void Reading_outside_or_after_closing_is_an_error()
    {
        using var folder = new TemporaryFolder();
        new ShardBuilder { Tokenizer = Tokenizer, EndDocuments = false }.Build(folder["x.bin"], [new("a", "the first")]);
        var shard = TokenShard.Open(folder["x.bin"]);
        Assert.Equal(Tokenizer.Encode("the first"), ReadAll(shard));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(shard.Length, new int[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(-1, new int[1]));
        shard.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shard.Read(0, new int[1]));
    }

    private static int[] ReadAll(TokenShard shard)
    {
        var tokens = new int[shard.Length];
        shard.Read(0, tokens);
        return tokens;
    }

    private static void Refused(TemporaryFolder folder, byte[] bytes) =>
        Assert.Throws<TextFormatException>(() => TokenShard.Open(folder.Write("damaged.bin", bytes)).Dispose());
}
