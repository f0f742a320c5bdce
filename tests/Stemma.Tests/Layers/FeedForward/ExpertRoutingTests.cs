using Stemma.Layers;
using Stemma.Models.Composed;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Tests.Models;
using Xunit;

namespace Stemma.Tests.Layers.FeedForward;

/// <summary>One expert is a dense layer, room without end drops nobody, who is dropped is counted, and experts that choose have equal loads.</summary>
public sealed class ExpertRoutingTests
{
    private const int RowCount = 8;

    private static readonly Pass s_pass = new(SequenceLayout.Batch(1, RowCount));

    private static (MixtureOfExperts Mixture, Mlp[] Experts) Mixture(Weights weights, int experts, ExpertRouting routing)
    {
        var router = SmallBlock.Linear(weights, "router", SmallBlock.Hidden, experts);
        Mlp[] parts = [.. Enumerable.Range(0, experts).Select(expert => SmallBlock.FeedForward(weights["experts"][$"{expert}"]))];
        return (new(router, parts, routing, 0), parts);
    }

    public static TheoryData<string> Names => ["dropless", "capacity", "choice"];

    private static ExpertRouting Routing(string name) => name switch { "dropless" => new TopExperts(2), "capacity" => new LimitedExperts(2, 0.75), _ => new ExpertChoice(1.5) };

    [Theory, MemberData(nameof(Names))]
    public void One_expert_is_a_dense_layer(string name)
    {
        var x = SmallBlock.Rows(RowCount);
        ExpertRouting routing = name switch { "dropless" => new TopExperts(1), "capacity" => new LimitedExperts(1, 1), _ => new ExpertChoice(1) };
        var (mixture, experts) = Mixture(SmallBlock.Fresh(), 1, routing);
        Assert.Equal(experts[0].Forward(x, s_pass).ToArray<float>(), mixture.Forward(x, s_pass).ToArray<float>());
    }

    [Fact]
    public void A_routing_that_sends_nobody_anywhere_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopExperts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitedExperts(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExpertChoice(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GreatestRows(1.5));
    }

    [Fact]
    public void Room_without_end_drops_nobody()
    {
        var x = SmallBlock.Rows(RowCount);
        var balance = new ExpertBalance();
        var dropless = Mixture(SmallBlock.Fresh(), 4, new TopExperts(2)).Mixture.Forward(x, s_pass).ToArray<float>();
        Assert.Equal(dropless, Mixture(SmallBlock.Fresh(), 4, new LimitedExperts(2, 1e9)).Mixture.Forward(x, s_pass with { Balance = balance }).ToArray<float>());
        Assert.Equal((2 * RowCount, 0), (balance.ChosenCount, balance.DroppedCount));
    }

    [Fact]
    public void Who_finds_an_expert_full_is_not_computed_there_and_is_counted()
    {
        // All rows want expert 0, which has room for half of them.
        var assignment = new LimitedExperts(1, 1).Assign(Tensor.From([.. Enumerable.Range(0, RowCount).SelectMany(_ => (float[])[0.8f, 0.2f])], [RowCount, 2]));
        Assert.Equal([0, 1, 2, 3], assignment.Rows[0]);
        Assert.Empty(assignment.Rows[1]);
        Assert.Equal((8, 4), (assignment.ChosenCount, assignment.DroppedCount));
        Assert.Equal([1f, 1, 1, 1, 0, 0, 0, 0], assignment.Shares.Slice(1, 0, 1).ToArray<float>());
        Assert.Equal(8, assignment.Chosen.Sum().ToScalar());

        var balance = new ExpertBalance();
        var weights = SmallBlock.Fresh();
        var mixture = Mixture(weights, 2, new LimitedExperts(1, 1)).Mixture;
        weights.All.Single(weight => weight.Name == "router.weight").Value.Span<float>().Clear();
        weights.All.Single(weight => weight.Name == "router.bias").Value.Span<float>()[0] = 1;
        var output = mixture.Forward(SmallBlock.Rows(RowCount), s_pass with { Balance = balance }).ToArray<float>();
        Assert.All(output[(4 * SmallBlock.Hidden)..], value => Assert.Equal(0, value));
        Assert.DoesNotContain(0, output[..(4 * SmallBlock.Hidden)]);
        Assert.Equal((8, 4), (balance.ChosenCount, balance.DroppedCount));
    }

    [Fact]
    public void A_later_row_takes_no_earlier_ones_place()
    {
        var (mixture, _) = Mixture(SmallBlock.Fresh(), 3, new LimitedExperts(2, 0.75));
        var x = SmallBlock.Rows(RowCount);
        var before = mixture.Forward(x, s_pass).ToArray<float>();
        var after = mixture.Forward(TensorOps.Concatenate(0, [x.Slice(0, 0, 5), SmallBlock.Rows(3, 11)]), s_pass).ToArray<float>();
        Assert.Equal(before[..(5 * SmallBlock.Hidden)], after[..(5 * SmallBlock.Hidden)]);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Experts_that_choose_have_equal_loads()
    {
        var probabilities = SmallBlock.Rows(RowCount, 2, 4).Softmax();
        var assignment = new ExpertChoice(1.5).Assign(probabilities);
        Assert.All(assignment.Rows, rows => Assert.Equal(3, rows.Length));
        var values = probabilities.ToArray<float>();
        for (var expert = 0; expert < 4; expert++)
        {
            var taken = assignment.Rows[expert];
            var least = taken.Min(row => values[row * 4 + expert]);
            Assert.All(Enumerable.Range(0, RowCount).Except(taken), row => Assert.True(values[row * 4 + expert] <= least));
            Assert.All(taken, row => Assert.Equal(values[row * 4 + expert], assignment.Shares.ToArray<float>()[row * 4 + expert]));
        }
        // Loads that are equal are what the loss for them asks for.
        var balance = new ExpertBalance();
        balance.Add(probabilities, Tensor.Full([RowCount, 4], 0.25), assignment);
        Assert.Equal(1.5, balance.LoadLoss().ToScalar(), 1e-6);
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_weight_has_the_gradient_that_differences_say(string name)
    {
        var weights = SmallBlock.Fresh();
        var (mixture, x) = (Mixture(weights, 3, Routing(name)).Mixture, SmallBlock.Rows(RowCount));
        var direction = SmallBlock.Rows(RowCount, 8);
        GradientCheck.AlongItself(weights.All, () => (mixture.Forward(x, s_pass) * direction).Sum());
    }

    [Fact]
    public void Shared_experts_are_added_to_what_the_others_give()
    {
        var weights = SmallBlock.Fresh();
        var (mixture, x) = (Mixture(weights, 3, new TopExperts(2)).Mixture, SmallBlock.Rows(RowCount));
        var shared = SmallBlock.FeedForward(weights["shared"]);
        var watcher = new Watcher();
        var sum = new SharedExperts(shared, mixture, 0).Forward(x, s_pass with { Observer = watcher });
        Assert.Equal((shared.Forward(x, s_pass) + mixture.Forward(x, s_pass)).ToArray<float>(), sum.ToArray<float>());
        Assert.Same(sum, watcher[Site.MlpOutput]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Results_of_experts_sum_to_what_the_mixture_gives_and_may_be_taken_away(string name)
    {
        var (mixture, _) = Mixture(SmallBlock.Fresh(), 3, Routing(name));
        var (x, watcher) = (SmallBlock.Rows(RowCount), new Watcher());
        var whole = mixture.Forward(x, s_pass).ToArray<float>();
        Assert.Equal(whole, mixture.Forward(x, s_pass with { Observer = watcher }).ToArray<float>());
        var results = watcher[Site.ExpertResults].ToArray<float>();
        Golden.Close([.. Enumerable.Range(0, 64).Select(i => Enumerable.Range(0, 3).Sum(expert => (double)results[(i / 8 * 3 + expert) * 8 + i % 8]))], whole, 1e-6);
        watcher.Replaced[Site.ExpertResults] = seen => seen * Tensor.From<float>([1, 0, 1], [1, 3, 1]);
        var without = mixture.Forward(x, s_pass with { Observer = watcher }).ToArray<float>();
        Golden.Close([.. Enumerable.Range(0, 64).Select(i => (double)whole[i] - results[(i / 8 * 3 + 1) * 8 + i % 8])], without, 1e-5);
    }

    [Fact]
    public void A_decoder_of_limited_and_shared_experts_is_built_from_its_configuration()
    {
        var experts = new MixtureOfExpertsConfig { ExpertCount = 3, TopExpertCount = 1, CapacityFactor = 0.5, SharedExpertCount = 2 };
        var config = new ComposedConfig { VocabSize = 20, ContextLength = 8, HiddenSize = 8, HeadCount = 2, LayerCount = 1, IntermediateSize = 4, FeedForward = experts };
        var model = config.Build(SmallBlock.Fresh());
        Assert.Equal<Shape>([8, 8], model.Parameters.Single(weight => weight.Name.EndsWith("shared_experts.up_proj.weight", StringComparison.Ordinal)).Shape);
        var balance = new ExpertBalance();
        var ids = Tensor.From<int>([1, 2, 3, 4, 5, 6], [6]);
        model.Loss(ids, ids, new(SequenceLayout.Batch(1, 6), Balance: balance));
        Assert.Equal(6, balance.ChosenCount);
        Assert.True(balance.DroppedCount >= 3, $"{balance.DroppedCount} dropped");
        // Mixtral has neither limits nor shared experts, so that nothing there could open this.
        Assert.Null(PublishedFamily.Of(config));
        var error = Assert.Throws<ConfigurationException>((config with { FeedForward = experts with { CapacityFactor = -1 } }).Validate);
        Assert.Contains("model.feed_forward.capacity_factor", error.Message, StringComparison.Ordinal);
    }
}
