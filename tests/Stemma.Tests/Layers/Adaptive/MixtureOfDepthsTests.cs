using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Tests.Models;
using Xunit;

namespace Stemma.Tests.Layers.Adaptive;

public sealed class MixtureOfDepthsTests
{
    private static readonly SequenceLayout s_layout = SequenceLayout.Packed(6, 4);

    private static readonly Rotary s_rotary = new(SmallBlock.HeadSize, 100, RotaryPairing.Halves, new NoRotaryScaling(), 16);

    private static (Weights Weights, Block Inner, Linear Router) Parts(double spread = 0.5)
    {
        var weights = SmallBlock.Fresh();
        return (weights, SmallBlock.Shared(weights, 1, s_rotary)[0], weights.Linear("router", SmallBlock.Hidden, 1, new Initializer.Normal(spread)));
    }

    [Fact]
    public void Room_for_all_at_weight_one_is_the_block()
    {
        var (weights, inner, router) = Parts(0);
        weights.All[^1].Value.Span<float>()[0] = 1;
        var x = SmallBlock.Rows(10);
        var expected = inner.Forward(x, new(s_layout)).ToArray<float>();
        foreach (var choice in (DepthChoice[])[new GreatestRows(1), new LikelyRows()])
            Golden.Close([.. expected.Select(value => (double)value)], new MixtureOfDepths(inner, router, choice, 0).Forward(x, new(s_layout)).ToArray<float>(), 1e-6);
    }

    [Fact]
    public void The_greatest_go_through_among_themselves_and_the_others_pass_by()
    {
        var (_, inner, router) = Parts();
        var x = SmallBlock.Rows(10);
        var (before, after) = (x.ToArray<float>(), new MixtureOfDepths(inner, router, new GreatestRows(0.5), 0).Forward(x, new(s_layout)).ToArray<float>());
        var weights = router.Forward(x).ToArray<float>();
        int[] chosen = [.. Greatest(0, 6, 3), .. Greatest(6, 4, 2)];
        foreach (var row in Enumerable.Range(0, 10))
            Assert.Equal(chosen.Contains(row), !before.AsSpan(row * 8, 8).SequenceEqual(after.AsSpan(row * 8, 8)));
        // By hand: the chosen rows of the first sequence at their own positions.
        var part = chosen[..3];
        var read = x.Gather(Tensor.From(part, [3]));
        var added = inner.Forward(read, new(SequenceLayout.Packed(3), Places: part)) - read;
        for (var i = 0; i < 24; i++) Assert.Equal(before[part[i / 8] * 8 + i % 8] + weights[part[i / 8]] * added.ToArray<float>()[i], after[part[i / 8] * 8 + i % 8], 1e-5f);

        IEnumerable<int> Greatest(int first, int length, int count) => Enumerable.Range(first, length).OrderByDescending(row => weights[row]).Take(count).Order();
    }

    [Fact]
    public void Rows_turn_by_the_positions_they_have_in_the_whole()
    {
        var (q, k) = (SmallBlock.Rows(6).Reshape([6, 2, 4]), SmallBlock.Rows(6, 6).Reshape([6, 2, 4]));
        var all = s_rotary.Forward(q, k, new(SequenceLayout.Packed(6))).Queries.ToArray<float>();
        int[] places = [1, 4, 5];
        Tensor Part(Tensor x) => TensorOps.Concatenate(0, [.. places.Select(place => x.Slice(0, place, 1))]);
        var part = s_rotary.Forward(Part(q), Part(k), new(SequenceLayout.Packed(3), Places: places)).Queries.ToArray<float>();
        Assert.Equal(places.SelectMany(place => all[(place * 8)..(place * 8 + 8)]), part);
    }

    [Fact]
    public void Rows_that_know_by_themselves_see_no_future()
    {
        var (_, inner, router) = Parts();
        var block = new MixtureOfDepths(inner, router, new LikelyRows(), 0);
        var x = SmallBlock.Rows(10);
        var before = block.Forward(x, new(SequenceLayout.Batch(1, 10))).ToArray<float>();
        var after = block.Forward(TensorOps.Concatenate(0, [x.Slice(0, 0, 7), SmallBlock.Rows(3, 12)]), new(SequenceLayout.Batch(1, 10))).ToArray<float>();
        Assert.Equal(before[..56], after[..56]);
    }

    [Fact]
    public void Every_weight_has_the_gradient_that_differences_say_and_rows_learn_whether_they_are_chosen()
    {
        var (weights, inner, router) = Parts();
        var (x, direction) = (SmallBlock.Rows(10), SmallBlock.Rows(10, 8));
        var block = new MixtureOfDepths(inner, router, new GreatestRows(0.5), 0);
        GradientCheck.AlongItself(weights.All, () =>
        {
            var balance = new ExpertBalance();
            return (block.Forward(x, new(s_layout, Balance: balance)) * direction).Sum() + balance.ChoiceLoss();
        });
        var seen = new ExpertBalance();
        seen.Add(Tensor.From<float>([2, -1, 0.5f], [3, 1]), [0]);
        Assert.Equal((Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(0.5))) / 3, seen.ChoiceLoss().ToScalar(), 1e-6);
    }

    [Fact]
    public void A_cache_is_refused_with_the_reason()
    {
        var (_, inner, router) = Parts();
        using var cache = new SequenceCache(1, 8);
        var error = Assert.Throws<ArgumentException>(() => new MixtureOfDepths(inner, router, new LikelyRows(), 0).Forward(SmallBlock.Rows(2), new(SequenceLayout.Batch(1, 2), new KvCache([cache]))));
        Assert.Contains("leave no keys", error.Message, StringComparison.Ordinal);
    }
}
