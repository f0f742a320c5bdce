using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Models.MultilayerPerceptron;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Reporting;
using Stemma.Training.Tasks;

namespace Stemma.Bench.Claims;

/// <summary>
/// What depth does to values and to learning: the mean square of activations through 64 layers by initialisation (Glorot &amp; Bengio 2010;
/// He et al. 2015, arXiv:1502.01852), and the training loss of plain, normalised and residual nets of 2 to 64 layers (arXiv:1512.03385).
/// </summary>
internal static class DepthClaim
{
    private const int Pixels = DrawnDigits.Size * DrawnDigits.Size, Steps = 300;
    private static readonly int[] s_depths = [2, 4, 8, 16, 32, 64];

    public static void Run(ClaimSheet sheet)
    {
        Variance(sheet);
        Flow(sheet);
        Learning(sheet);
    }

    private static void Variance(ClaimSheet sheet)
    {
        (string Name, Func<Tensor, Tensor> Activation, Initializer Initializer)[] kinds =
        [
            ("tanh, deviation 0.01", TensorOps.Tanh, new Initializer.Normal(0.01)), ("tanh, Xavier", TensorOps.Tanh, new Initializer.Xavier()),
            ("ReLU, Xavier", TensorOps.Relu, new Initializer.Xavier()), ("ReLU, Kaiming", TensorOps.Relu, new Initializer.Kaiming()),
        ];
        var x = ClaimSheet.Filled(Device.Cpu, 64, 256);
        List<Series> series = [];
        foreach (var (name, activation, initializer) in kinds)
        {
            var net = new MultilayerPerceptronConfig { InputSize = 256, HiddenSize = 256, LayerCount = 64, OutputSize = 1, Activation = activation, Initializer = initializer }.Build(new Weights(new InitialWeights(1), Device.Cpu));
            var variance = new LayerVariance();
            net.Forward(x, variance);
            var squares = variance.MeanSquares;
            Console.WriteLine($"    {name,-20}: mean square {squares[0]:G3} after layer 1, {squares[9]:G3} after 10, {squares[63]:G3} after 64");
            series.Add(new LineSeries(name, [.. squares.Select((square, i) => new ChartPoint(i + 1, Math.Max(square, 1e-30)))]));
        }
        sheet.Save("initialisation-depth", new()
        {
            Title = "What reaches a deep layer is decided at the start",
            Subtitle = "Mean square of activations, 64 layers of 256 units, before any training; cut at 1e-30",
            X = new LinearAxis("layer"),
            Y = new LogAxis("mean square"),
            Series = series,
        });
    }

    private static void Flow(ClaimSheet sheet)
    {
        const int Layers = 64;
        var digits = DrawnDigits.Draw(200, new(1));
        (string Name, Func<Tensor, Tensor> Activation, Initializer Initializer, Stacking Stacking)[] kinds =
        [
            ("plain, sigmoid", TensorOps.Sigmoid, new Initializer.Xavier(), new PlainStacking()), ("plain, ReLU", TensorOps.Relu, new Initializer.Kaiming(1), new PlainStacking()),
            ("residual", TensorOps.Relu, new Initializer.Kaiming(1), new ResidualStacking()), ("normalised", TensorOps.Relu, new Initializer.Kaiming(1), new NormalizedStacking()),
            ("residual and normalised", TensorOps.Relu, new Initializer.Kaiming(1), new NormalizedResidualStacking()),
        ];
        List<Series> series = [];
        foreach (var (name, activation, initializer, stacking) in kinds)
        {
            var net = new MultilayerPerceptronConfig { InputSize = Pixels, HiddenSize = 32, LayerCount = Layers, OutputSize = 10, Activation = activation, Initializer = initializer, Stacking = stacking }.Build(new Weights(new InitialWeights(1), Device.Cpu));
            using var tape = Tape.Start();
            var gradients = tape.Backward(net.Loss(digits.Images, digits.Labels));
            double[] norms = [.. net.Parameters.Where(weight => weight.Name.EndsWith("linear.weight", StringComparison.Ordinal)).Select(weight => gradients[weight].FrobeniusNorm())];
            Console.WriteLine($"    {name,-24}: gradient of the weight {norms[0]:G3} in layer 2, {norms[31]:G3} in layer 33, {norms[^1]:G3} in layer {Layers}");
            series.Add(new LineSeries(name, [.. norms.Select((norm, i) => new ChartPoint(i + 2, Math.Max(norm, 1e-30)))]));
        }
        sheet.Save("gradient-flow", new()
        {
            Title = "What comes back through sixty-four layers",
            Subtitle = "Length of the gradient of each layer's weight before any training, drawn digits, 32 units a layer; cut at 1e-30",
            X = new LinearAxis("layer"),
            Y = new LogAxis("gradient"),
            Series = series,
        });
    }

    private static void Learning(ClaimSheet sheet)
    {
        var digits = DrawnDigits.Draw(2000, new(1));
        (string Name, Stacking Stacking)[] kinds = [("plain", new PlainStacking()), ("residual", new ResidualStacking()), ("normalised", new NormalizedStacking()), ("residual and normalised", new NormalizedResidualStacking())];
        List<Series> series = [];
        foreach (var (name, stacking) in kinds)
        {
            var losses = new List<ChartPoint>();
            foreach (var depth in s_depths)
            {
                var net = new MultilayerPerceptronConfig { InputSize = Pixels, HiddenSize = 32, LayerCount = depth, OutputSize = 10, Activation = TensorOps.Relu, Initializer = new Initializer.Kaiming(1), Stacking = stacking }.Build(new Weights(new InitialWeights(1), Device.Cpu));
                var loss = net.Train(digits.Images, digits.Labels, batchSize: 50, Steps, new AdamConfig().Build(net.Parameters), 2e-3).TakeLast(40).Average();
                losses.Add((depth, loss));
            }
            Console.WriteLine($"    {name,-24}: training loss {string.Join(", ", losses.Select(point => $"{point.Y:G3} at {point.X}"))} layers");
            series.Add(new LineSeries(name, losses));
        }
        series.Add(new LineSeries("guessing: ln 10", [(s_depths[0], Math.Log(10)), (s_depths[^1], Math.Log(10))]) { IsDashed = true });
        sheet.Save("depth-learning", new()
        {
            Title = "Which nets still learn when they are deep",
            Subtitle = $"Drawn digits, 32 ReLU units a layer, initial variance 1/n; mean training loss of the last pass of {Steps} steps",
            X = new LogAxis("hidden layers"),
            Y = new LogAxis("training loss (nats)"),
            Series = series,
        });
    }
}
