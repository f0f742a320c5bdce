using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Tasks;

namespace Stemma.Reproductions.Recurrence;

/// <summary>The copy problem, learned by a net that reads vectors of the symbols and whose last rows say them again.</summary>
public sealed record CopyExperiment
{
    /// <summary>Different symbols there are.</summary>
    public int Symbols { get; init; } = 4;

    /// <summary>Symbols to remember.</summary>
    public int Length { get; init; } = 1;

    /// <summary>Blanks between the last symbol and the sign.</summary>
    public required int Delay { get; init; }

    /// <summary>Updates.</summary>
    public int Updates { get; init; } = 2000;

    /// <summary>Sequences per update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Adam's rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Channels of a symbol's vector.</summary>
    public int EmbeddingSize { get; init; } = 8;

    /// <summary>Decides weights and sequences.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Trains a net and measures it on 500 fresh sequences.</summary>
    /// <param name="reader">Builds it for a number of input channels.</param>
    /// <param name="device">What it computes on.</param>
    /// <param name="cancellation">Stops between updates.</param>
    /// <returns>The share of symbols said rightly; who guesses has 1 / <see cref="Symbols"/>.</returns>
    public double Run(Func<IWeights, int, SequenceReader> reader, Device device, CancellationToken cancellation = default) => Train(reader, device, cancellation)(null);

    /// <summary>Trains a net.</summary>
    /// <param name="reader">Builds it for a number of input channels.</param>
    /// <param name="device">What it computes on.</param>
    /// <param name="cancellation">Stops between updates.</param>
    /// <returns>Measures it on 500 fresh sequences, watched by an observer or by none.</returns>
    public Func<IObserver?, double> Train(Func<IWeights, int, SequenceReader> reader, Device device, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var weights = new Weights(new InitialWeights(Seed), device);
        var embedding = new Embedding(weights["symbols"], CopyProblem.VocabSize(Symbols), EmbeddingSize, new Initializer.Normal(1));
        var net = reader(weights["net"], EmbeddingSize);
        var output = weights.Linear("output", net.Size, CopyProblem.VocabSize(Symbols), new Initializer.Uniform(1 / Math.Sqrt(net.Size)));
        var optimizer = new AdamConfig().Build(weights.All);
        var random = new RandomStream(Seed).Fork("copy");
        for (var update = 0; update < Updates; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var batch = CopyProblem.Draw(BatchSize, Symbols, Length, Delay, random.Fork((ulong)update), device);
            optimizer.Step(tape.Backward(Logits(batch, null).CrossEntropy(batch.Targets)).ClipNorm(1), LearningRate);
        }
        return observer =>
        {
            using var scope = Memory.Scope();
            var test = CopyProblem.Draw(500, Symbols, Length, Delay, random.Fork("test"), device);
            return test.Accuracy(Logits(test, observer));
        };

        Tensor Logits(CopyProblem problem, IObserver? observer) => output.Forward(net.Forward(embedding.Forward(problem.Inputs), new Pass(problem.Layout, Observer: observer)));
    }
}
