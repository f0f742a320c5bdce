using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Gpt2;
using Stemma.Models.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Landscape;
using Xunit;

namespace Stemma.Tests.Training.Landscape;

public sealed class LossSurfaceTests
{
    public static TheoryData<ModelConfig> Models =>
    [
        new Gpt2Config { VocabSize = 11, ContextLength = 12, LayerCount = 2, HeadCount = 2, HiddenSize = 16 },
        new LstmConfig { VocabSize = 11, ContextLength = 12, HiddenSize = 12, LayerCount = 1, InitializerRange = 0.3 },
    ];

    [Theory, MemberData(nameof(Models))]
    public void The_hessian_of_a_whole_language_model_equals_differences_of_its_gradients(ModelConfig config)
    {
        var (surface, model) = Surface(config);
        float[] u = Normals(surface.Size, 1), v = Normals(surface.Size, 2), hu = new float[surface.Size], hv = new float[surface.Size];
        surface.MultiplyHessian(u, hu);
        surface.MultiplyHessian(v, hv);
        // It is symmetric.
        Assert.Equal(Dot(u, hv), Dot(v, hu), 1e-3 * Length(u) * Length(hv));
        Assert.True(Length(hv) > 1e-3);
        const double step = 2e-3;
        var (above, below) = (GradientAt(step), GradientAt(-step));
        var error = new float[surface.Size];
        for (var i = 0; i < error.Length; i++) error[i] = (float)((above[i] - below[i]) / (2 * step) - hv[i]);
        Assert.True(Length(error) < 0.02 * Length(hv), $"{Length(error)} of {Length(hv)}");

        float[] GradientAt(double distance)
        {
            Move(model.Parameters, v, distance);
            var gradient = surface.Gradient();
            Move(model.Parameters, v, -distance);
            return gradient;
        }
    }

    [Fact]
    public void Losses_along_a_line_bend_as_gradient_and_hessian_say_and_the_weights_come_back()
    {
        var (surface, model) = Surface((Gpt2Config)Models.First().Data);
        var before = All(model);
        float[] v = Normals(surface.Size, 5), hv = new float[surface.Size];
        surface.MultiplyHessian(v, hv);
        const double step = 0.01;
        var (above, here, below) = (surface.LossAt((v, step)), surface.Loss(), surface.LossAt((v, -step)));
        Assert.Equal(here, surface.LossAt((v, 0)));
        Assert.Equal(Dot(surface.Gradient(), v), (above - below) / (2 * step), 0.02 * Length(v) * Length(surface.Gradient()));
        Assert.Equal(Dot(v, hv), (above - 2 * here + below) / (step * step), 0.05 * Math.Abs(Dot(v, hv)) + 0.05);
        Assert.Equal(before, All(model));
    }

    [Fact]
    public void Parts_of_the_examples_add_up()
    {
        var (whole, _) = Surface((Gpt2Config)Models.First().Data, together: 6);
        var (parts, _) = Surface((Gpt2Config)Models.First().Data, together: 1);
        Assert.Equal(whole.Loss(), parts.Loss(), 1e-5);
        Assert.All(whole.Gradient().Zip(parts.Gradient()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Random_directions_are_as_long_as_the_weights_row_by_row()
    {
        var (surface, model) = Surface((Gpt2Config)Models.First().Data);
        var direction = surface.RandomDirection(new RandomStream(3));
        var place = 0;
        foreach (var weight in model.Parameters)
        {
            var (values, width) = (weight.Value.ToArray<float>(), (int)(weight.Shape.Count / weight.Shape[0]));
            for (var row = 0; row < weight.Shape[0]; row++)
            {
                var expected = weight.Shape.Rank < 2 ? 0 : Length(values.AsSpan(row * width, width).ToArray());
                Assert.Equal(expected, Length(direction.AsSpan(place + row * width, width).ToArray()), 1e-5 * expected);
            }
            place += values.Length;
        }
        // A net whose matrices are twice as large has the same direction relative to them.
        foreach (var weight in model.Parameters)
            foreach (ref var value in weight.Value.Span<float>()) value *= 2;
        var doubled = LossSurface.Of(model, Sequences(6)).RandomDirection(new RandomStream(3));
        Assert.All(direction.Zip(doubled), pair => Assert.Equal(2 * pair.First, pair.Second, 1e-5f * Math.Abs(pair.Second)));
    }

    [Fact]
    public void The_curvature_of_a_quadratic_is_its_matrix_and_the_stable_rate_two_over_it()
    {
        // ½·(9x² + 4y² − z²) at a place where only the gradient is not 0.
        var weights = new Weights(new InitialWeights(1), Device.Cpu);
        var w = weights.Tensor("w", [3], new Initializer.Constant(1));
        var curvature = Tensor.From<float>([9, 4, -1], [3]);
        var found = LossCurvature.Measure(new(weights.All, () => (w.Value.Square() * curvature).Sum() * 0.5), 10, new RandomStream(1));
        Assert.Equal([9.0, 4, -1], found.Eigenvalues.Select(ritz => ritz.Value), (x, y) => Math.Abs(x - y) < 1e-4);
        Assert.Equal(2.0 / 9, found.StableRate!.Value, 1e-5);
        Assert.Equal(6, found.Loss, 1e-5);
        Assert.Equal(Math.Sqrt(98), found.GradientNorm, 1e-4);
        Assert.Equal(1, Math.Abs(found.Steepest[0]), 1e-4);
    }

    [Fact]
    public void Training_flattens_the_loss_of_a_language_model_into_a_valley()
    {
        var (config, sequences) = ((ModelConfig)Models.First().Data, Sequences(6));
        var model = config.Build(new Weights(new InitialWeights(4), Device.Cpu));
        var optimizer = new AdamConfig().Build(model.Parameters);
        int[] inputs = [.. sequences.SelectMany(s => s[..^1])], targets = [.. sequences.SelectMany(s => s[1..])];
        for (var step = 0; step < 120; step++)
        {
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward(model.Loss(Tensor.From(inputs, [inputs.Length]), Tensor.From(targets, [targets.Length]), new Pass(SequenceLayout.Batch(6, 12)))), 1e-2);
        }
        var surface = LossSurface.Of(model, sequences);
        var found = LossCurvature.Measure(surface, 15, new RandomStream(1));
        Assert.True(found.Sharpness > 0);
        Assert.True(found.Eigenvalues[0].Residual < 0.05 * found.Sharpness);
        var distances = LossSlice.Distances(1, 5);
        var random = LossSlice.Measure("random", surface, surface.RandomDirection(new(1)), distances);
        Assert.All(random.Points, point => Assert.True(point.Y >= random.Points[2].Y));
        var plane = LossPlane.Measure(surface, surface.RandomDirection(new(1)), surface.RandomDirection(new(2)), distances);
        Assert.Equal(random.Points.Select(point => point.Y), Enumerable.Range(0, 5).Select(i => plane.Losses[2, i]));
        Assert.Contains("<svg", plane.ToChart("").ToSvg(), StringComparison.Ordinal);
        Assert.Contains("<svg", LossSlice.ToChart([random], "").ToSvg(), StringComparison.Ordinal);
    }

    private static (LossSurface Surface, NeuralLanguageModel Model) Surface(ModelConfig config, int together = 4)
    {
        var model = config.Build(new Weights(new InitialWeights(4), Device.Cpu));
        return (LossSurface.Of(model, Sequences(6), together), model);
    }

    private static int[][] Sequences(int count)
    {
        var random = new RandomStream(8);
        return [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, 13).Select(k => k % 3 == 2 ? i % 11 : (int)random.Below(11, (ulong)(i * 13 + k))).ToArray())];
    }

    private static float[] All(NeuralLanguageModel model) => [.. model.Parameters.SelectMany(weight => weight.Value.ToArray<float>())];

    private static void Move(IReadOnlyList<Parameter> weights, float[] direction, double distance)
    {
        var place = 0;
        foreach (var weight in weights)
            foreach (ref var value in weight.Value.Span<float>()) value = (float)(value + distance * direction[place++]);
    }

    private static float[] Normals(int count, ulong stream) => [.. Enumerable.Range(0, count).Select(i => (float)new RandomStream(6, stream).Normal((ulong)i) / MathF.Sqrt(count))];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static double Length(float[] a) => Math.Sqrt(Dot(a, a));
}
