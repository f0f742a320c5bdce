using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends.Profiling;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Models.Gpt2;

/// <summary>The formula for a step's operations, against those that its calls of the backend consist of; nothing is computed.</summary>
public sealed class Gpt2FlopTests
{
    private const int Batch = 2;

    [Theory]
    [InlineData(2, 32, 16)]
    [InlineData(3, 64, 64)]
    [InlineData(1, 128, 256)]
    public void A_step_does_the_operations_of_the_formula(int layers, int hidden, int context)
    {
        var config = new Gpt2Config { LayerCount = layers, HeadCount = 2, HiddenSize = hidden, ContextLength = context, VocabSize = 65 };
        var (model, costs) = Step(config);
        double tokens = Batch * context;
        // A matrix costs six operations per weight and token: two forwards, two for each of its factors' gradients.
        var matrices = model.Parameters.Where(weight => weight.Shape.Rank == 2 && !weight.Name.Contains("wpe", StringComparison.Ordinal)).Sum(weight => weight.Shape.Count);
        Assert.Equal(6.0 * matrices * tokens, Products(costs));
        // Attention: half of the scores and the diagonal; backwards five products, of which one computes the scores again.
        var visible = (context + 1.0) / context;
        var formula = 6.0 * layers * hidden * context * tokens;
        Assert.Equal(formula * 2 / 6 * visible, Sum(costs, "attention"), 1.0);
        Assert.Equal(formula * 5 / 6 * visible, Sum(costs, "attention gradient"), 1.0);
        // What the formula adds are biases and norms, six operations per weight and token as well.
        var vectors = model.Parameters.Where(weight => weight.Shape.Rank == 1).Sum(weight => weight.Shape.Count);
        Assert.Equal(model.TrainingFlopsPerToken(context) * tokens, 6.0 * (matrices + vectors) * tokens + formula, 1.0);
    }

    [Fact]
    public void Attention_grows_with_the_square_of_the_length_and_the_feed_forward_layer_with_that_of_the_width()
    {
        var config = new Gpt2Config { LayerCount = 1, HeadCount = 2, HiddenSize = 64, VocabSize = 65 };
        double Attention(int context) => Sum(Step(config with { ContextLength = context }).Costs, "attention");
        Assert.InRange(Math.Log2(Attention(1024) / Attention(512)), 1.99, 2);
        double FeedForward(int hidden) => Products(Step(config with { ContextLength = 32, HiddenSize = hidden }).Costs
            .Where(cost => cost.Key.Shape.Contains($"{4 * hidden}", StringComparison.Ordinal)));
        Assert.Equal(2, Math.Log2(FeedForward(512) / FeedForward(256)), 1e-9);
        Assert.Equal(6.0 * 8 * 256 * 256 * Batch * 32, FeedForward(256));
    }

    /// <summary>Operations of the products alone, without what is done with their sums: a shape reads "rows x columns x depth, layout".</summary>
    private static double Products(IEnumerable<KeyValuePair<(string Operation, string Shape), OperationCost>> costs)
    {
        var products = 0.0;
        foreach (var ((operation, shape), cost) in costs.Where(cost => cost.Key.Operation.StartsWith("matmul", StringComparison.Ordinal)))
        {
            var sizes = shape.Split(' ')[0].Split('x').Select(int.Parse).ToArray();
            var (sums, depth) = ((double)cost.Calls * sizes[0] * sizes[1], sizes[2]);
            Assert.InRange(cost.Flops, 2 * sums * depth, sums * (2 * depth + 10));
            products += 2 * sums * depth;
        }
        return products;
    }

    private static double Sum(Dictionary<(string Operation, string Shape), OperationCost> costs, string operation) =>
        costs.Where(cost => cost.Key.Operation == operation).Sum(cost => cost.Value.Flops);

    private static (Gpt2Model Model, Dictionary<(string Operation, string Shape), OperationCost> Costs) Step(Gpt2Config config)
    {
        ProfilingBackend? profile = null;
        var device = Device.Planning().With(inner => profile = new(inner, ComputePrecision.Float32));
        var model = new Gpt2Model(config, new Weights(new InitialWeights(1), device));
        var rows = Batch * config.ContextLength;
        profile!.Costs.Clear();
        using var tape = Tape.Start();
        tape.Backward(model.Loss(Tensor.Zeros([rows], DType.Int32, device), Tensor.Zeros([rows], DType.Int32, device), new Pass(SequenceLayout.Batch(Batch, config.ContextLength))));
        return (model, profile.Costs);
    }
}
