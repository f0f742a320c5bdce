using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Training;

/// <summary>
/// What a run will need, known before it starts: one step of it goes through a device that computes nothing and counts what is
/// allocated. Memory is that of tensors; packing buffers of kernels and the program itself come on top.
/// </summary>
public sealed record TrainingPlan
{
    /// <summary>Numbers that training changes.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Memory of the weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Memory of what the optimizer remembers.</summary>
    public required long OptimizerBytes { get; init; }

    /// <summary>Memory of the gradients of all weights.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>What a forward pass of one batch leaves for the backward pass.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>The most that is in use at once in a step, weights and optimizer included.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Tokens per update of the weights.</summary>
    public required long TokensPerStep { get; init; }

    /// <summary>Floating-point operations per update.</summary>
    public required double FlopsPerStep { get; init; }

    /// <summary>Updates.</summary>
    public required int Steps { get; init; }

    /// <summary>Floating-point operations of the whole run.</summary>
    public double FlopsPerRun => FlopsPerStep * Steps;

    /// <summary>The least time the run can take on a machine of a given peak, which no program reaches.</summary>
    /// <param name="flopsPerSecond">For example <see cref="MachinePeak.Flops"/>.</param>
    public TimeSpan TimeAt(double flopsPerSecond) => TimeSpan.FromSeconds(FlopsPerRun / flopsPerSecond);

    /// <summary>Plans a run.</summary>
    /// <param name="run">Valid; its model's vocabulary is known.</param>
    /// <exception cref="ConfigurationException">The model contradicts itself.</exception>
    public static TrainingPlan Of(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Model.Validate();
        using var watch = Memory.Watch();
        var device = Device.Planning(run.Precision);
        var model = run.Model.Build(new Weights(new NoValues(), device));
        var weightBytes = watch.UsedBytes;
        var optimizer = run.Optimizer.Build(model.Parameters);
        var optimizerBytes = watch.UsedBytes - weightBytes;
        var activationBytes = 0L;
        using (Memory.Scope())
        {
            var total = default(Gradients);
            // A second part is added to the first; further ones take no more.
            for (var part = 0; part < Math.Min(run.AccumulationSteps, 2); part++)
            {
                using var tape = Tape.Start();
                var before = watch.UsedBytes;
                var rows = run.BatchSize * run.Model.ContextLength;
                var (inputs, targets) = (Tensor.Zeros([rows], DType.Int32, device), Tensor.Zeros([rows], DType.Int32, device));
                var pass = new Pass(SequenceLayout.Batch(run.BatchSize, run.Model.ContextLength), Dropout: new RandomStream(run.Seed), Checkpointing: run.Checkpointing);
                var loss = model.Loss(inputs, targets, pass);
                activationBytes = Math.Max(activationBytes, watch.UsedBytes - before);
                var gradients = tape.Backward(loss);
                total = (total is null ? gradients : total.Add(gradients)).Keep(tape.Keep);
            }
            optimizer.Step(total!, 0);
        }
        var tokens = (long)run.BatchSize * run.AccumulationSteps * run.Model.ContextLength;
        var plan = new TrainingPlan
        {
            ParameterCount = model.Parameters.Sum(weight => weight.Shape.Count),
            WeightBytes = weightBytes,
            OptimizerBytes = optimizerBytes,
            GradientBytes = weightBytes,
            ActivationBytes = activationBytes,
            PeakBytes = watch.PeakBytes,
            TokensPerStep = tokens,
            FlopsPerStep = model.TrainingFlopsPerToken(run.Model.ContextLength) * tokens,
            Steps = run.Steps,
        };
        foreach (var weight in model.Parameters) Memory.Return(weight.Value);
        foreach (var (_, state) in optimizer.State) Memory.Return(state);
        return plan;
    }

    /// <summary>Names and shapes of a run's weights.</summary>
    /// <param name="run">Valid; its model's vocabulary is known.</param>
    internal static IReadOnlyList<(string Name, Shape Shape)> Weights(TrainingRun run)
    {
        var model = run.Model.Build(new Weights(new NoValues(), Device.Planning(run.Precision)));
        (string, Shape)[] weights = [.. model.Parameters.Select(weight => (weight.Name, weight.Shape))];
        foreach (var weight in model.Parameters) Memory.Return(weight.Value);
        return weights;
    }

    /// <summary>Weights that nobody will read.</summary>
    private sealed class NoValues : WeightSource
    {
        public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values)
        {
        }
    }
}
