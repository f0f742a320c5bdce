using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Text.Shards;

/// <summary>Where documents begin inside a window, and shards joined to one.</summary>
public sealed class DocumentRowsTests
{
    private static readonly Tokenizer s_tokenizer = new CharacterTrainer().Train(["abcdef"]);

    [Theory]
    [InlineData(0, 10, false, new[] { 0, 3, 5 })]
    [InlineData(0, 10, true, new[] { 0, 2, 4 })]
    [InlineData(3, 4, false, new[] { 0, 2 })]
    [InlineData(2, 3, true, new[] { 0, 2 })]
    [InlineData(4, 5, true, new[] { 0 })]
    [InlineData(5, 5, false, new[] { 0 })]
    public void Begins_are_where_documents_begin_or_the_end_before_them(long start, int length, bool hasEnds, int[] expected)
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], [0, 1, 2], [3, 4], [5, 0, 1, 2, 3]);
        using var shard = TokenShard.Open(folder["a"]);
        Assert.Equal(expected, new DocumentRows(shard, hasEnds).Begins(start, length));
    }

    [Fact]
    public void Joined_shards_hold_all_documents_in_order()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], [0, 1, 2], [3, 4]);
        Write(folder["b"], [5], [], [1, 2]);
        ShardJoiner.Join(folder["c"], [folder["a"], folder["b"]], s_tokenizer);
        using var joined = TokenShard.Open(folder["c"]);
        var tokens = new int[joined.Length];
        joined.Read(0, tokens);
        Assert.Equal([0, 1, 2, 3, 4, 5, 1, 2], tokens);
        Assert.Equal([0L, 3, 5, 6, 6], joined.DocumentOffsets.ToArray());
        Assert.Equal(8, joined.TextByteCount);
    }

    private static void Write(string path, params ReadOnlySpan<int[]> documents)
    {
        using var writer = new ShardWriter(path, s_tokenizer);
        foreach (var document in documents) writer.Append(document, document.Length);
        writer.Complete();
    }
}
