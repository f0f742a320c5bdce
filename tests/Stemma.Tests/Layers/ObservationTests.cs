using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.T5;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers;

/// <summary>What an observer sees is what is computed, what it puts in a value's place is gone on with, and where nobody watches nothing is made.</summary>
public sealed class ObservationTests
{
    private static readonly SequenceLayout s_layout = SequenceLayout.Packed(3, 2);

    /// <summary>Two heads on one key head, with everything that may happen to scores.</summary>
    private static (SelfAttention Attention, Linear Output, float[] Sinks) Described(Weights weights)
    {
        var output = SmallBlock.Linear(weights, "o", SmallBlock.Hidden, SmallBlock.Hidden);
        var sinks = weights.Tensor("sinks", [2], new Initializer.Normal(1));
        var input = new SeparateProjections(SmallBlock.Linear(weights, "q", SmallBlock.Hidden, SmallBlock.Hidden), SmallBlock.Linear(weights, "k", SmallBlock.Hidden, SmallBlock.HeadSize), SmallBlock.Linear(weights, "v", SmallBlock.Hidden, SmallBlock.HeadSize), SmallBlock.HeadSize);
        return (new(input, output, new() { SoftCap = 3, Bias = new Alibi([0.5, 0.25]), Sinks = sinks }, 0), output, sinks.Value.ToArray<float>());
    }

    [Fact]
    public void Scores_patterns_and_what_heads_read_are_those_computed_by_hand()
    {
        var (attention, _, sinks) = Described(SmallBlock.Fresh());
        var watcher = new Watcher();
        attention.Forward(SmallBlock.Rows(5), new(s_layout, Observer: watcher));
        float[] q = watcher[Site.Queries].ToArray<float>(), k = watcher[Site.Keys].ToArray<float>(), v = watcher[Site.Values].ToArray<float>();
        double[] scores = [.. Enumerable.Repeat(-1e30, 5 * 2 * 3)], pattern = new double[5 * 2 * 3], heads = new double[5 * 2 * 4];
        for (var row = 0; row < 5; row++)
        {
            var first = row < 3 ? 0 : 3;
            for (var head = 0; head < 2; head++)
            {
                var at = (row * 2 + head) * 3;
                for (var key = first; key <= row; key++)
                {
                    var dot = Enumerable.Range(0, 4).Sum(i => (double)q[(row * 2 + head) * 4 + i] * k[key * 4 + i]) / 2;
                    scores[at + key - first] = 3 * Math.Tanh(dot / 3) - (head == 0 ? 0.5 : 0.25) * (row - key);
                }
                var sum = Enumerable.Range(0, row - first + 1).Sum(i => Math.Exp(scores[at + i])) + Math.Exp(sinks[head]);
                for (var i = 0; i <= row - first; i++)
                {
                    pattern[at + i] = Math.Exp(scores[at + i]) / sum;
                    for (var c = 0; c < 4; c++) heads[(row * 2 + head) * 4 + c] += pattern[at + i] * v[(first + i) * 4 + c];
                }
            }
        }
        var seen = watcher[Site.Scores].ToArray<float>();
        foreach (var i in Enumerable.Range(0, seen.Length)) Assert.True(scores[i] < -1e29 ? seen[i] < -1e29f : Math.Abs(scores[i] - seen[i]) < 1e-5, $"score {i} is {seen[i]}, by hand {scores[i]}");
        Golden.Close(pattern, watcher[Site.Pattern].ToArray<float>(), 1e-5, "pattern");
        Golden.Close(heads, watcher[Site.HeadOutputs].ToArray<float>(), 1e-5, "heads");
    }

    [Fact]
    public void Results_of_heads_and_the_bias_are_what_attention_adds()
    {
        var (attention, output, _) = Described(SmallBlock.Fresh());
        var watcher = new Watcher();
        var whole = attention.Forward(SmallBlock.Rows(5), new(s_layout, Observer: watcher)).ToArray<float>();
        var bias = output.Forward(Tensor.Zeros([1, SmallBlock.Hidden])).ToArray<float>();
        var results = watcher[Site.HeadResults].ToArray<float>();
        Golden.Close([.. Enumerable.Range(0, 40).Select(i => (double)results[i / 8 * 16 + i % 8] + results[i / 8 * 16 + 8 + i % 8] + bias[i % 8])], whole, 1e-5);
    }

    [Fact]
    public void A_pattern_put_in_its_place_is_read_and_so_are_scores()
    {
        var (attention, output, _) = Described(SmallBlock.Fresh());
        var watcher = new Watcher();
        // Every row takes two thirds of its sequence's first row, whatever the scores.
        watcher.Replaced[Site.Pattern] = pattern => Tensor.From([.. Enumerable.Range(0, 30).Select(i => i % 3 == 0 ? 2f / 3 : 0)], pattern.Shape);
        var replaced = attention.Forward(SmallBlock.Rows(5), new(s_layout, Observer: watcher)).ToArray<float>();
        var v = watcher[Site.Values].ToArray<float>();
        float[] read = [.. Enumerable.Range(0, 5).SelectMany(row => Enumerable.Range(0, 8).Select(i => v[(row < 3 ? 0 : 3) * 4 + i % 4] * 2 / 3))];
        Golden.Close([.. output.Forward(Tensor.From(read, [5, 8])).ToArray<float>().Select(x => (double)x)], replaced, 1e-5);

        watcher.Replaced.Clear();
        watcher.Replaced[Site.Scores] = scores => scores * 0 + 7;
        attention.Forward(SmallBlock.Rows(5), new(s_layout, Observer: watcher));
        // Equal scores are equal weights over what is seen, and nothing beyond.
        var pattern = watcher[Site.Pattern].ToArray<float>();
        Assert.Equal(pattern[12], pattern[14], 1e-6f);
        Assert.Equal([0f, 0f], pattern[1..3]);
    }

    [Fact]
    public void What_is_put_in_the_place_of_heads_results_and_residuals_is_gone_on_with()
    {
        var block = SmallBlock.Shared(SmallBlock.Fresh(), 1)[0];
        var x = SmallBlock.Rows(5);
        var watcher = new Watcher();
        block.Forward(x, new(s_layout, Observer: watcher));
        var (results, sum, input) = (watcher[Site.HeadResults].ToArray<float>(), watcher[Site.AttentionOutput].ToArray<float>(), x.ToArray<float>());

        // Without what its first head reads, the block's middle lacks what that head gives.
        watcher.Replaced[Site.HeadOutputs] = heads => heads * Tensor.From<float>([0, 1], [1, 2, 1]);
        block.Forward(x, new(s_layout, Observer: watcher));
        double[] expected = [.. Enumerable.Range(0, 40).Select(i => (double)input[i] + sum[i] - results[i / 8 * 16 + i % 8])];
        Golden.Close(expected, watcher[Site.ResidualMid].ToArray<float>(), 1e-5);
        watcher.Replaced.Clear();
        watcher.Replaced[Site.HeadResults] = seen => seen * Tensor.From<float>([0, 1], [1, 2, 1]);
        block.Forward(x, new(s_layout, Observer: watcher));
        Golden.Close(expected, watcher[Site.ResidualMid].ToArray<float>(), 1e-5);

        // A residual stream that is replaced before the block is the block of other rows; behind it, it is the result.
        watcher.Replaced.Clear();
        var other = SmallBlock.Rows(5, 9);
        var moved = block.Forward(other, new(s_layout)).ToArray<float>();
        watcher.Replaced[Site.ResidualPre] = _ => other;
        Assert.Equal(moved, block.Forward(x, new(s_layout, Observer: watcher)).ToArray<float>());
        watcher.Replaced[Site.ResidualPost] = _ => x;
        Assert.Same(x, block.Forward(x, new(s_layout, Observer: watcher)));
    }

    [Fact]
    public void Watching_everything_changes_no_bit()
    {
        var (attention, _, _) = Described(SmallBlock.Fresh());
        var x = SmallBlock.Rows(5);
        Assert.Equal(attention.AddTo(x, x, new(s_layout)).ToArray<float>(), attention.AddTo(x, x, new(s_layout, Observer: new Watcher())).ToArray<float>());
        var model = (EncoderDecoderModel)new T5Config { SourceVocabSize = 20, TargetVocabSize = 20, LayerCount = 2, DecoderLayerCount = 2, HeadCount = 2, HeadSize = 4, HiddenSize = 8, IntermediateSize = 16 }.Build(SmallBlock.Fresh());
        var batch = new PairBatch([1, 2, 3, 4, 5, 6], SequenceLayout.Packed(4, 2), [1, 3, 4, 5, 7], [3, 4, 5, 7, 8], SequenceLayout.Packed(2, 3));
        var watcher = new Watcher();
        Assert.Equal(model.Hidden(batch).ToArray<float>(), model.Hidden(batch, observer: watcher).ToArray<float>());
        Assert.All(watcher[Site.SourcePattern, 1].Sum(-1).ToArray<float>(), share => Assert.Equal(1, share, 1e-5f));
        Assert.Equal<Shape>([5, 2, 4], watcher[Site.SourcePattern, 1].Shape);
    }

    [Fact]
    public void A_cache_shows_the_same_patterns_as_all_rows_at_once()
    {
        var (attention, _, _) = Described(SmallBlock.Fresh());
        var x = SmallBlock.Rows(5);
        var (whole, first, second) = (new Watcher(), new Watcher(), new Watcher());
        attention.Forward(x, new(SequenceLayout.Batch(1, 5), Observer: whole));
        using var cache = new SequenceCache(1, 8);
        attention.Forward(x.Slice(0, 0, 3), new(SequenceLayout.Batch(1, 3), new KvCache([cache]), Observer: first));
        cache.Advance([0, 0, 0]);
        attention.Forward(x.Slice(0, 3, 2), new(SequenceLayout.Batch(1, 2), new KvCache([cache]), Observer: second));
        Assert.Equal<Shape>([2, 2, 5], second[Site.Pattern].Shape);
        Golden.Close([.. whole[Site.Pattern].ToArray<float>()[30..].Select(value => (double)value)], second[Site.Pattern].ToArray<float>(), 1e-5);
    }

    [Fact]
    public void What_nobody_asked_for_is_not_made_and_nobody_costs_nothing()
    {
        var (attention, _, _) = Described(SmallBlock.Fresh());
        var seen = new Onlooker();
        attention.Forward(SmallBlock.Rows(5), new(s_layout, Observer: seen));
        Assert.Equal([Site.Queries, Site.Keys, Site.Values, Site.HeadOutputs, Site.AttentionOutput], seen.Sites);

        var (pass, value, wanted) = (new Pass(s_layout), SmallBlock.Rows(5), false);
        Walk();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Walk();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.False(wanted);

        void Walk()
        {
            for (var i = 0; i < 1000; i++)
            {
                value = pass.Observe(Site.ResidualPre, i, value);
                wanted |= pass.Watches(Site.Pattern, i);
            }
        }
    }

    [Fact]
    public void Both_directions_of_a_recurrent_network_are_told_apart()
    {
        var weights = SmallBlock.Fresh();
        var network = new Bidirectional(new Lstm(weights["f"], 8, 4), new Gru(weights["b"], 8, 4));
        var watcher = new Watcher();
        var output = network.Forward(SmallBlock.Rows(3), new(SequenceLayout.Batch(1, 3), Observer: watcher)).ToArray<float>();
        // The last step of either: of the last row in one direction, of the first in the other.
        Assert.Equal(output[16..20], watcher[Site.HiddenState].ToArray<float>());
        Assert.Equal(output[4..8], watcher[Site.HiddenState, 1].ToArray<float>());
        Assert.Contains((Site.Cell, 0), watcher.Seen.Keys);
        Assert.Contains((Site.UpdateGate, 1), watcher.Seen.Keys);
    }

    private sealed class Onlooker : IObserver
    {
        public List<Site> Sites { get; } = [];

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            Sites.Add(site);
            return value;
        }
    }
}
