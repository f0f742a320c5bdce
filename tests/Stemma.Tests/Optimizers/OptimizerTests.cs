using System.Text.Json;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Optimizers;

/// <summary>Twenty steps on a small problem, against PyTorch's optimizers.</summary>
public sealed class OptimizerTests
{
    private static readonly JsonElement File = Golden.Load("layers/optimizers.json");

    public static TheoryData<string, DType, string> Cases => new MatrixTheoryData<string, DType, string>(
        ["sgd", "sgd_momentum", "sgd_nesterov_wd", "adam", "adam_l2", "adamw", "adamw_no_decay", "sgd_clip_grad_norm", "adamw_clip_grad_value", "adamw_param_groups"],
        [DType.Float32, DType.Float64], ["cpu", "reference"]);

    [Theory, MemberData(nameof(Cases))]
    public void Losses_and_weights_are_the_originals(string name, DType dtype, string device)
    {
        var golden = File.At("cases").EnumerateArray().Single(c => c.At("name").GetString() == name);
        var config = golden.At("config");
        var problem = new Problem(dtype, device == "cpu" ? Device.Cpu : Device.Reference);
        var optimizers = Build(config, problem.Weights);
        var tolerance = dtype == DType.Float64 ? 1e-8 : 2e-5;
        var losses = golden.At("loss_before_step_then_final").Doubles();
        for (var step = 0; step < 20; step++)
        {
            using var tape = Tape.Start();
            var loss = problem.Loss();
            Assert.Equal(losses[step], loss.ToScalar(), tolerance);
            var gradients = tape.Backward(loss);
            if (config.TryGetProperty("clip_grad_norm", out var norm))
            {
                Golden.Close([golden.At("grad_norm_before_clip").Doubles()[step]], [gradients.Norm], tolerance, "norm");
                gradients.ClipNorm(norm.GetDouble());
            }
            if (config.TryGetProperty("clip_grad_value", out var value)) gradients.ClipValue(value.GetDouble());
            foreach (var (optimizer, rate) in optimizers) optimizer.Step(gradients, rate);
            if (!golden.At("params_after_step").TryGetProperty($"{step + 1}", out var expected)) continue;
            foreach (var weight in problem.Weights) Golden.Close(expected.At(weight.Name).Doubles(), Problem.Values(weight), tolerance, weight.Name);
        }
        Assert.Equal(losses[20], problem.Loss().ToScalar(), tolerance);
        Assert.All(optimizers, o => Assert.Equal(20, o.Optimizer.StepCount));
    }

    [Fact]
    public void The_first_gradients_are_the_originals()
    {
        var problem = new Problem(DType.Float64, Device.Reference);
        using var tape = Tape.Start();
        var gradients = tape.Backward(problem.Loss());
        foreach (var weight in problem.Weights) Golden.Close(File.At("problem", "initial_grads", weight.Name).Doubles(), gradients[weight].ToArray<double>(), 1e-8, weight.Name);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Clipping_on_the_way_has_the_bits_of_clipping_before(string kind)
    {
        float[][] Train(bool before)
        {
            OptimizerConfig config = kind switch { "adamw" => new AdamWConfig(), "adam" => new AdamConfig { WeightDecay = 0.1 }, _ => new SgdConfig { Momentum = 0.9 } };
            var problem = new Problem(DType.Float32, Device.Cpu);
            var optimizer = config.Build(problem.Weights);
            for (var step = 0; step < 5; step++)
            {
                using var tape = Tape.Start();
                var gradients = tape.Backward(problem.Loss()).ClipNorm(0.01);
                Assert.NotEqual(1, gradients.PendingScale);
                if (before) Assert.NotNull(gradients[problem.Weights[0]]);
                optimizer.Step(gradients, 0.05);
            }
            return [.. problem.Weights.Select(weight => weight.Value.ToArray<float>())];
        }
        Assert.Equal(Train(before: true), Train(before: false));
    }

    public static TheoryData<string> Kinds => ["adamw", "adam", "sgd"];

    [Theory, MemberData(nameof(Kinds))]
    public void A_restored_optimizer_goes_on_with_the_same_bits(string kind)
    {
        OptimizerConfig config = kind switch
        {
            "adamw" => new AdamWConfig(),
            "adam" => new AdamConfig { WeightDecay = 0.1 },
            _ => new SgdConfig { Momentum = 0.9, Nesterov = true },
        };
        var (whole, stopped) = (new Problem(DType.Float32, Device.Cpu), new Problem(DType.Float32, Device.Cpu));
        whole.Train(config.Build(whole.Weights), 9);
        var first = config.Build(stopped.Weights);
        stopped.Train(first, 4);
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["state"], first.State);

        var second = config.Build(stopped.Weights);
        using var file = SafetensorsFile.Open(folder["state"]);
        foreach (var (name, value) in second.State) file.Read(name, value.Shape, value);
        second.StepCount = first.StepCount;
        stopped.Train(second, 5);
        foreach (var (a, b) in whole.Weights.Zip(stopped.Weights)) Assert.Equal(a.Value.ToArray<float>(), b.Value.ToArray<float>());
    }

    [Fact]
    public void Matrices_decay_and_vectors_do_not_unless_told()
    {
        var problem = new Problem(DType.Float32, Device.Cpu);
        var before = problem.Weights.Select(Problem.Values).ToArray();
        Step(new AdamWConfig { WeightDecay = 0.5 }.Build([problem.Weights[4]]));
        Assert.Equal(before[4], Problem.Values(problem.Weights[4]));
        Step(new AdamWConfig { WeightDecay = 0.5 }.Build([problem.Weights[4]], _ => true));
        Golden.Close([.. before[4].Select(x => x * 0.95)], Problem.Values(problem.Weights[4]), 1e-6);
        Assert.Equal([true, false, true, false, false], problem.Weights.Select(w => w.Decays));

        void Step(Optimizer optimizer)
        {
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward(problem.Loss()), 0.1);
        }
    }

    [Fact]
    public void A_weight_without_a_gradient_stays()
    {
        var weight = new Parameter("w", Tensor.Full([2, 2], 1).WithGradient());
        var other = new Parameter("o", Tensor.Full([2, 2], 1).WithGradient());
        var optimizer = new AdamWConfig().Build([weight, other]);
        using var tape = Tape.Start();
        optimizer.Step(tape.Backward((other.Value * 2).Sum()), 0.1);
        Assert.Equal([1, 1, 1, 1], weight.Value.ToArray<float>());
        Assert.NotEqual([1, 1, 1, 1], other.Value.ToArray<float>());
        Assert.Equal(["w.mean", "w.variance", "o.mean", "o.variance"], optimizer.State.Select(s => s.Name));
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(tape.Backward(other.Value.Sum()), double.NaN));
    }

    private static (Optimizer Optimizer, double Rate)[] Build(JsonElement config, IReadOnlyList<Parameter> weights)
    {
        if (config.TryGetProperty("groups", out var groups))
        {
            return [.. groups.EnumerateArray().Select(group =>
            {
                string[] names = [.. group.At("params").EnumerateArray().Select(p => p.GetString()!)];
                return (new AdamWConfig { WeightDecay = Number(group, "weight_decay", 0), Beta2 = 0.999 }.Build([.. weights.Where(w => names.Contains(w.Name))], _ => true), Number(group, "lr", 0));
            })];
        }
        double[] betas = config.TryGetProperty("betas", out var given) ? given.Doubles() : [0.9, 0.999];
        OptimizerConfig built = config.At("optimizer").GetString() switch
        {
            "SGD" => new SgdConfig { Momentum = Number(config, "momentum", 0), Nesterov = config.TryGetProperty("nesterov", out _), WeightDecay = Number(config, "weight_decay", 0) },
            "Adam" => new AdamConfig { Beta1 = betas[0], Beta2 = betas[1], WeightDecay = Number(config, "weight_decay", 0) },
            _ => new AdamWConfig { Beta1 = betas[0], Beta2 = betas[1], WeightDecay = Number(config, "weight_decay", 0.01) },
        };
        // PyTorch decays every parameter.
        return [(built.Build(weights, _ => true), Number(config, "lr", 0))];
    }

    private static double Number(JsonElement config, string name, double otherwise) => config.TryGetProperty(name, out var value) ? value.GetDouble() : otherwise;

    /// <summary>mean((tanh(X·W1ᵀ + b1)·W2ᵀ + b2 − Y)²), and a weight whose gradient is zero.</summary>
    private sealed class Problem(DType dtype, Device device)
    {
        private readonly Tensor _x = Read("inputs", "X", dtype, device), _y = Read("inputs", "Y", dtype, device);

        public Parameter[] Weights { get; } =
            [.. File.At("problem", "initial_params").EnumerateObject().Select(p => new Parameter(p.Name, Read("initial_params", p.Name, dtype, device).WithGradient()))];

        public static double[] Values(Parameter weight) => weight.Value.DType == DType.Float64 ? weight.Value.ToArray<double>() : Array.ConvertAll(weight.Value.ToArray<float>(), x => (double)x);

        public Tensor Loss() =>
            (_x.Linear(Weights[0], Weights[1]).Tanh().Linear(Weights[2], Weights[3]) - _y).Square().Mean() + (Weights[4].Value * 0).Sum();

        public void Train(Optimizer optimizer, int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                using var tape = Tape.Start();
                optimizer.Step(tape.Backward(Loss()), 0.05);
            }
        }

        private static Tensor Read(string group, string name, DType dtype, Device device)
        {
            var golden = File.At("problem", group, name);
            return Tensor.From(golden.Doubles(), golden.Shape(), device).Cast(dtype).Detach();
        }
    }
}
