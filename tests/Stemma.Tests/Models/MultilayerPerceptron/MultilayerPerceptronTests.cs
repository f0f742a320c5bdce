using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Models.MultilayerPerceptron;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Models.MultilayerPerceptron;

public sealed class MultilayerPerceptronTests
{
    [Fact]
    public void The_tutorials_net_tells_whether_coordinates_have_the_same_sign()
    {
        // 2-16-2, Adam at 1e-2, 100 epochs, label x·y > 0: at least 95% right, on points it has not seen too.
        var random = new RandomStream(5);
        var (x, labels) = Quadrants(random.Fork(1), 200);
        var net = Build(new() { InputSize = 2, OutputSize = 2, HiddenSize = 16, Activation = TensorOps.Relu });
        var losses = net.Train(x, labels, batchSize: 20, steps: 1000, new AdamConfig().Build(net.Parameters), 1e-2);
        Assert.True(losses.TakeLast(10).Average() < losses.Take(10).Average() / 3);
        Assert.True(net.Accuracy(x, labels) >= 0.95);
        var (unseen, theirs) = Quadrants(random.Fork(2), 500);
        Assert.True(net.Accuracy(unseen, theirs) >= 0.95);
    }

    [Fact]
    public void It_reads_digits_drawn_by_the_program()
    {
        var (train, test) = (DrawnDigits.Draw(2000, new(1)), DrawnDigits.Draw(500, new(2)));
        var net = Build(new() { InputSize = DrawnDigits.Size * DrawnDigits.Size, HiddenSize = 64, OutputSize = 10 });
        net.Train(train.Images, train.Labels, batchSize: 50, steps: 400, new AdamConfig().Build(net.Parameters), 1e-2);
        Assert.True(net.Accuracy(test.Images, test.Labels) >= 0.95);
    }

    [Fact]
    public void Stacked_linear_layers_equal_one_and_stay_at_a_lines_accuracy_on_xor()
    {
        var net = Build(new() { InputSize = 2, HiddenSize = 8, LayerCount = 3, OutputSize = 2, Activation = z => z });
        var (x, labels) = (LogicGates.Inputs, LogicGates.XorLabels);
        net.Train(x, labels, batchSize: 4, steps: 300, new AdamConfig().Build(net.Parameters), 1e-2);
        Assert.True(net.Accuracy(x, labels) <= 0.75);

        // W = W₄·W₃·W₂·W₁, and the bias is what the net makes of zeros.
        var product = net.Parameters.Where(p => p.Decays).Select(p => p.Value.Detach()).Aggregate((inner, outer) => outer.MatMul(inner));
        var bias = net.Forward(Tensor.Zeros([1, 2])).Detach().Reshape(2);
        var many = Quadrants(new(3), 50).X;
        Assert.All(net.Forward(many).ToArray<float>().Zip(many.Linear(product, bias).ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void The_wider_the_net_the_nearer_it_comes_to_a_function()
    {
        double[] errors = [.. new[] { 1, 2, 8 }.Select(width => new ulong[] { 1, 2, 3 }.Select(seed => Error(width, seed)).Order().ElementAt(1))];
        Assert.True(errors[1] < 0.5 * errors[0], $"{errors[0]} → {errors[1]}");
        Assert.True(errors[2] < 0.5 * errors[1], $"{errors[1]} → {errors[2]}");

        // The largest error against sin(2x) on [−2, 2].
        static double Error(int width, ulong seed)
        {
            float[] at = [.. Enumerable.Range(0, 81).Select(i => -2 + 0.05f * i)];
            var (x, y) = (Tensor.From(at, [81, 1]), Tensor.From([.. at.Select(v => MathF.Sin(2 * v))], [81, 1]));
            var net = new MultilayerPerceptronConfig { InputSize = 1, HiddenSize = width, OutputSize = 1, Initializer = new Initializer.Normal(1) }.Build(new Weights(new InitialWeights(seed), Device.Cpu));
            var optimizer = new AdamConfig().Build(net.Parameters);
            for (var step = 0; step < 1500; step++)
            {
                using var tape = Tape.Start();
                optimizer.Step(tape.Backward((net.Forward(x) - y).Square().Mean()), 1e-2 * Math.Min(1, (1500 - step) / 500.0));
            }
            return (net.Forward(x) - y).Abs().ToArray<float>().Max();
        }
    }

    [Fact]
    public void Too_large_weights_saturate_sigmoids_and_learning_slows()
    {
        var (train, test) = (DrawnDigits.Draw(500, new(1)), DrawnDigits.Draw(200, new(2)));
        var (good, saturated) = (Trained(new Initializer.Xavier()), Trained(new Initializer.Normal(10)));
        Assert.True(good.FlatShare < 0.05);
        Assert.True(saturated.FlatShare > 0.8);
        Assert.True(good.Loss < 0.5 * saturated.Loss, $"{good.Loss} against {saturated.Loss}");

        (double FlatShare, double Loss) Trained(Initializer initializer)
        {
            var net = Build(new() { InputSize = DrawnDigits.Size * DrawnDigits.Size, HiddenSize = 32, OutputSize = 10, Activation = TensorOps.Sigmoid, Initializer = initializer });
            var activity = new UnitActivity(TensorOps.Sigmoid, threshold: 0.01);
            net.Forward(train.Images, activity);
            net.Train(train.Images, train.Labels, batchSize: 50, steps: 150, new AdamConfig().Build(net.Parameters), 1e-2);
            return (activity.Layers[0].FlatShare, net.Loss(test.Images, test.Labels).ToScalar());
        }
    }

    [Theory]
    [InlineData("too small")]
    [InlineData("xavier, tanh")]
    [InlineData("xavier, relu")]
    [InlineData("kaiming, relu")]
    public void Initialisation_decides_what_reaches_the_thirtieth_layer(string name)
    {
        (Func<Tensor, Tensor> Activation, Initializer Initializer, double Low, double High) expected = name switch
        {
            "too small" => (TensorOps.Tanh, new Initializer.Normal(0.01), 0, 1e-30),
            "xavier, tanh" => (TensorOps.Tanh, new Initializer.Xavier(), 0.02, 1),          // a straight line would keep 1; tanh bends
            "xavier, relu" => (TensorOps.Relu, new Initializer.Xavier(), Math.Pow(2, -33), Math.Pow(2, -25)),   // half of it a layer
            _ => (TensorOps.Relu, new Initializer.Kaiming(), 0.2, 5),
        };
        var net = Build(new() { InputSize = 128, HiddenSize = 128, LayerCount = 30, OutputSize = 1, Activation = expected.Activation, Initializer = expected.Initializer });
        var variance = new LayerVariance();
        var random = new RandomStream(9);
        net.Forward(Tensor.From([.. Enumerable.Range(0, 64 * 128).Select(i => (float)random.Normal((ulong)i))], [64, 128]), variance);
        Assert.Equal(30, variance.Variances.Count);
        Assert.InRange(variance.MeanSquares[^1] / variance.MeanSquares[0], expected.Low, expected.High);
    }

    [Fact]
    public void At_sixty_four_layers_a_plain_net_learns_nothing_and_one_with_residuals_and_norms_learns()
    {
        var train = DrawnDigits.Draw(640, new(1));
        var (plain, both) = (Loss(new PlainStacking()), Loss(new NormalizedResidualStacking()));
        Assert.InRange(plain, 0.98 * Math.Log(10), double.PositiveInfinity);
        Assert.InRange(both, 0, 0.6 * Math.Log(10));

        double Loss(Stacking stacking)
        {
            var net = Build(new() { InputSize = DrawnDigits.Size * DrawnDigits.Size, HiddenSize = 32, LayerCount = 64, OutputSize = 10, Activation = TensorOps.Relu, Initializer = new Initializer.Kaiming(1), Stacking = stacking });
            return net.Train(train.Images, train.Labels, batchSize: 64, steps: 60, new AdamConfig().Build(net.Parameters), 2e-3).TakeLast(10).Average();
        }
    }

    [Fact]
    public void Its_gradients_equal_differences_whatever_the_stacking()
    {
        foreach (var stacking in (Stacking[])[new PlainStacking(), new ResidualStacking(), new NormalizedStacking(), new NormalizedResidualStacking()])
        {
            var net = Build(new() { InputSize = 2, HiddenSize = 6, LayerCount = 3, OutputSize = 2, Stacking = stacking });
            var (x, labels) = Quadrants(new(1), 16);
            Dictionary<string, float[]> gradients;
            using (var tape = Tape.Start())
            {
                var all = tape.Backward(net.Loss(x, labels));
                gradients = net.Parameters.ToDictionary(p => p.Name, p => all[p].ToArray<float>());
            }
            foreach (var parameter in net.Parameters)
            {
                const float Step = 1e-2f;
                var weights = parameter.Value.Span<float>();
                var kept = weights[0];
                weights[0] = kept + Step;
                var above = net.Loss(x, labels).ToScalar();
                parameter.Value.Span<float>()[0] = kept - Step;
                var below = net.Loss(x, labels).ToScalar();
                parameter.Value.Span<float>()[0] = kept;
                Assert.Equal((above - below) / (2 * Step), gradients[parameter.Name][0], 2e-3);
            }
        }
    }

    [Fact]
    public void Sizes_that_make_no_net_are_refused()
    {
        Assert.Contains("layer_count is 0", Assert.Throws<ConfigurationException>(() => Build(new() { InputSize = 2, OutputSize = 2, LayerCount = 0 })).Message, StringComparison.Ordinal);
        var net = Build(new() { InputSize = 2, OutputSize = 2 });
        Assert.Throws<ArgumentException>(() => net.Train(LogicGates.Inputs, LogicGates.XorLabels, 5, 1, new SgdConfig().Build(net.Parameters), 0.1));
    }

    private static MultilayerPerceptronModel Build(MultilayerPerceptronConfig config) => config.Build(new Weights(new InitialWeights(1), Device.Cpu));

    private static (Tensor X, Tensor Labels) Quadrants(RandomStream random, int count)
    {
        float[] points = [.. Enumerable.Range(0, 2 * count).Select(i => (float)random.Normal((ulong)i))];
        return (Tensor.From(points, [count, 2]), Tensor.From([.. points.Chunk(2).Select(p => p[0] * p[1] > 0 ? 1 : 0)], [count]));
    }
}
