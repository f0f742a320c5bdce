using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Text.Shards;

public sealed class ContiguousStreamsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TokenShard _shard;
    private readonly int[] _tokens = new int[103];

    public ContiguousStreamsTests()
    {
        var text = string.Concat(Enumerable.Range(0, 103).Select(i => (char)('a' + i * 7 % 26)));
        var tokenizer = new CharacterTrainer().Train([text]);
        new ShardBuilder { Tokenizer = tokenizer }.Build(_folder["x.tokens"], [new Document("x", text)]);
        _shard = TokenShard.Open(_folder["x.tokens"], tokenizer.Hash);
        _shard.Read(0, _tokens);
    }

    [Fact]
    public void Every_stream_goes_on_where_it_stopped_and_begins_anew_at_the_end()
    {
        var streams = new ContiguousStreams(_shard, contextLength: 5, streamCount: 4);
        Assert.Equal(4, streams.StepsPerEpoch);     // 25 tokens each, of which the last has no successor
        var batch = new int[4 * 6];
        for (var step = 0; step < 9; step++)
        {
            streams.Read(step, batch);
            for (var row = 0; row < 4; row++) Assert.Equal(_tokens.AsSpan(row * 25 + step % 4 * 5, 6).ToArray(), batch[(row * 6)..(row * 6 + 6)]);
            Assert.Equal(step is 0 or 4 or 8, streams.IsFirst(step));
            var part = new int[12];
            streams.Read(step, part, firstRow: 2);
            Assert.Equal(batch[12..], part);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Contains("4 streams of 25 need at least 104", Assert.Throws<TextFormatException>(() => new ContiguousStreams(_shard, 25, 4)).Message);
        Assert.Throws<ArgumentException>(() => new ContiguousStreams(_shard, 5, 4).Read(0, new int[18], firstRow: 2));
    }

    public void Dispose()
    {
        _shard.Dispose();
        _folder.Dispose();
    }
}
