using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Attention;

/// <summary>What holds of every pattern of blocks, whatever it leaves out.</summary>
public sealed class BlockSparsePatternTests
{
    private const int Length = 100, Heads = 2, Size = 8;

    private static readonly Dictionary<string, BlockSparsePattern> s_patterns = new()
    {
        ["strided"] = new StridedPattern { BlockSize = 8, Stride = 3 },
        ["fixed"] = new FixedPattern { BlockSize = 8, Stride = 3 },
        ["longformer"] = new LocalGlobalPattern { BlockSize = 8, LocalCount = 1 },
        ["bigbird"] = new BigBirdPattern { BlockSize = 8 },
    };

    public static TheoryData<string> Names => [.. s_patterns.Keys];

    [Fact]
    public void A_pattern_of_all_blocks_is_full_attention_to_the_bit()
    {
        foreach (var window in new[] { AttentionWindow.Causal, AttentionWindow.Full })
        {
            var full = Run(null, window, Length);
            foreach (var all in new BlockSparsePattern[]
            {
                new StridedPattern { BlockSize = 8, Stride = 1 }, new FixedPattern { BlockSize = 8, Stride = 13 }, new LocalGlobalPattern { BlockSize = 8, LocalCount = 13 },
                new LocalGlobalPattern { BlockSize = 8, LocalCount = 0, GlobalCount = 13 }, new BigBirdPattern { BlockSize = 8, RandomCount = 13 }, new LocalGlobalPattern { BlockSize = 128 },
            })
                Assert.Equal(full, Run(all, window, Length));
            foreach (var pattern in s_patterns.Values) Assert.NotEqual(full, Run(pattern, window, Length));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_later_position_never_changes_an_earlier_one(string name)
    {
        var before = Attend(s_patterns[name], AttentionWindow.Causal, SequenceLayout.Batch(1, Length), changed: -1);
        foreach (var j in (int[])[0, 41, Length - 1])
        {
            var after = Attend(s_patterns[name], AttentionWindow.Causal, SequenceLayout.Batch(1, Length), changed: j);
            Assert.Equal(before[..(j * Heads * Size)], after[..(j * Heads * Size)]);
            Assert.NotEqual(before[(j * Heads * Size)..], after[(j * Heads * Size)..]);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_pairs_counted_are_those_seen(string name)
    {
        foreach (var window in new[] { AttentionWindow.Causal, AttentionWindow.Full, AttentionWindow.Sliding(21), new AttentionWindow(5, 9) })
        {
            var blocks = s_patterns[name].Blocks(window);
            var layout = blocks.Layout(Length);
            var pairs = from query in Enumerable.Range(0, Length) from key in Enumerable.Range(0, Length) where window.Sees(query, key) select (query, key);
            Assert.Equal(pairs.Count(), window.PairCount(Length));
            Assert.Equal(pairs.Count(pair => layout.Sees(pair.query, pair.key)), window.PairCount(Length, blocks));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void One_position_at_a_time_gives_what_all_at_once_give(string name)
    {
        var whole = Attend(s_patterns[name], AttentionWindow.Causal, SequenceLayout.Batch(1, Length));
        var (q, k, v) = Inputs(Length, -1);
        var scores = new ScoreDescription { Pattern = s_patterns[name].Blocks(AttentionWindow.Causal) };
        for (var i = 0; i < Length; i++)
        {
            var one = TensorOps.Attention(q.Slice(0, i, 1), k.Slice(0, 0, i + 1), v.Slice(0, 0, i + 1), SequenceLayout.Continued(1, i + 1), AttentionWindow.Causal, scores: scores);
            Assert.Equal(whole[(i * Heads * Size)..((i + 1) * Heads * Size)], one.ToArray<float>());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Packed_sequences_do_not_see_each_other(string name)
    {
        var packed = Attend(s_patterns[name], AttentionWindow.Full, SequenceLayout.Packed(37, Length - 37));
        Assert.Equal(Attend(s_patterns[name], AttentionWindow.Full, SequenceLayout.Batch(1, 37)), packed[..(37 * Heads * Size)]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Pairs_of_blocks_grow_slower_than_the_square_of_the_length(string name)
    {
        // √n blocks a stride, as Child et al. have it; the other patterns' counts are constants.
        int Pairs(int blocks)
        {
            var root = (int)Math.Sqrt(blocks);
            BlockSparsePattern pattern = s_patterns[name] switch
            {
                StridedPattern strided => strided with { Stride = root },
                FixedPattern stretch => stretch with { Stride = root },
                var other => other,
            };
            return pattern.Blocks(AttentionWindow.Causal).Layout(8 * blocks).PairCount;
        }

        Assert.True(Pairs(1024) < 9 * Pairs(256), $"{Pairs(256)} pairs of 256 blocks, {Pairs(1024)} of 1024");
    }

    [Fact]
    public void Random_blocks_are_as_many_as_asked_for_and_those_of_their_seed()
    {
        var pattern = new BigBirdPattern { BlockSize = 4, LocalCount = 0, RandomCount = 3 };
        var (first, again, other) = (pattern.Blocks(AttentionWindow.Full).Layout(200), pattern.Blocks(AttentionWindow.Full).Layout(200), (pattern with { Seed = 2 }).Blocks(AttentionWindow.Full).Layout(200));
        Assert.Equal(50, first.BlockCount);
        for (var query = 4; query < 200; query += 4) Assert.Equal(5, first.KeyBlocks(query).Length);
        Assert.Equal(first.KeyBlocks(100).ToArray(), again.KeyBlocks(100).ToArray());
        Assert.Contains(Enumerable.Range(1, 49), block => !first.KeyBlocks(4 * block).SequenceEqual(other.KeyBlocks(4 * block)));
        // Read token by token, a block's choice stays: later blocks are not among those it draws from.
        var causal = pattern.Blocks(AttentionWindow.Causal);
        Assert.Equal(causal.Layout(200).KeyBlocks(40).ToArray(), causal.Layout(41).KeyBlocks(40).ToArray());
    }

    [Fact]
    public void What_is_out_of_range_is_named()
    {
        foreach (var (pattern, field) in new (BlockSparsePattern, string)[]
        {
            (new StridedPattern { BlockSize = 0 }, "p.block_size"), (new StridedPattern { Stride = 0 }, "p.stride"), (new FixedPattern { SummaryCount = 5 }, "p.summary_count"),
            (new LocalGlobalPattern { LocalCount = -1 }, "p.local_count"), (new BigBirdPattern { RandomCount = -1 }, "p.random_count"),
        })
            Assert.Contains(field, Assert.Throws<ConfigurationException>(() => pattern.Validate("p")).Message, StringComparison.Ordinal);
    }

    private static float[] Run(BlockSparsePattern? pattern, AttentionWindow window, int length)
    {
        var (q, k, v) = Inputs(length, -1);
        foreach (var x in (Tensor[])[q, k, v]) x.WithGradient();
        using var tape = Tape.Start();
        var y = TensorOps.Attention(q, k, v, SequenceLayout.Batch(1, length), window, scores: pattern is null ? null : new() { Pattern = pattern.Blocks(window) });
        var values = y.ToArray<float>();
        var gradients = tape.Backward(y.Square().Sum());
        return [.. values, .. gradients[q].ToArray<float>(), .. gradients[k].ToArray<float>(), .. gradients[v].ToArray<float>()];
    }

    private static float[] Attend(BlockSparsePattern pattern, AttentionWindow window, SequenceLayout layout, int changed = -1)
    {
        var (q, k, v) = Inputs(layout.QueryCount, changed);
        return TensorOps.Attention(q, k, v, layout, window, scores: new() { Pattern = pattern.Blocks(window) }).ToArray<float>();
    }

    private static (Tensor Q, Tensor K, Tensor V) Inputs(int length, int changed)
    {
        return (Of(1), Of(2), Of(3));

        Tensor Of(ulong stream)
        {
            var random = new RandomStream(7, stream);
            var values = new float[length * Heads * Size];
            for (var i = 0; i < values.Length; i++) values[i] = (float)random.Normal((ulong)i) + (i / (Heads * Size) == changed ? 0.5f : 0);
            return Tensor.From(values, [length, Heads, Size]);
        }
    }
}
