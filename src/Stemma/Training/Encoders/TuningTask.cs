using Stemma.Layers;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Encoders;

/// <summary>A task with its examples as tokens: what fine-tuning learns from and what it is measured by.</summary>
public abstract class TuningTask
{
    /// <summary>What it is, as a folder's run says.</summary>
    public abstract TuningTaskKind Kind { get; }

    /// <summary>What its metric is called.</summary>
    public abstract string MetricName { get; }

    /// <summary>The model with the task's head.</summary>
    public abstract EncoderTask Model { get; }

    /// <summary>Takes labelled data in.</summary>
    /// <param name="path">A file in the task's format.</param>
    /// <returns>Its examples, and how many of them had to be cut.</returns>
    /// <exception cref="ConfigurationException">A label is not one of the model's.</exception>
    internal abstract IReadOnlyList<TuningExample> Read(string path);

    /// <summary>The mean loss of some examples.</summary>
    internal abstract Tensor Loss(IReadOnlyList<TuningExample> batch, RandomStream? dropout);

    /// <summary>The task's metrics over examples, the one that it is measured by first.</summary>
    internal abstract IReadOnlyList<(string Name, double Value)> Metrics(IReadOnlyList<TuningExample> examples, int batchSize);

    /// <summary>Measures a file.</summary>
    /// <param name="path">A file in the task's format.</param>
    /// <param name="batchSize">Examples at once.</param>
    public TuningResult Measure(string path, int batchSize = 32)
    {
        using var pause = Tape.Pause();
        var examples = Read(path);
        return new(examples.Count, Loss(examples, batchSize), Metrics(examples, batchSize));
    }

    internal double Loss(IReadOnlyList<TuningExample> examples, int batchSize)
    {
        var sum = 0.0;
        foreach (var chunk in examples.Chunk(batchSize))
        {
            using var scope = Memory.Scope();
            sum += Loss(chunk, null).ToScalar() * chunk.Length;
        }
        return sum / examples.Count;
    }

    /// <summary>The layout of a batch.</summary>
    private protected static Pass PassOf(IReadOnlyList<TuningExample> batch, RandomStream? dropout) => new(SequenceLayout.Packed([.. batch.Select(example => example.Tokens.Length)]), Dropout: dropout);

    private protected Tensor Tokens(IReadOnlyList<TuningExample> batch) => Ids([.. batch.SelectMany(example => example.Tokens)]);

    private protected Tensor? Types(IReadOnlyList<TuningExample> batch) => batch[0].Types is null ? null : Ids([.. batch.SelectMany(example => example.Types!)]);

    private protected Tensor Ids(int[] ids) => Tensor.From(ids, [ids.Length], Model.Device);

    private protected static int Largest(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
            if (row[i] > row[best]) best = i;
        return best;
    }
}

/// <summary>An example as tokens.</summary>
/// <param name="Tokens">What the encoder reads.</param>
/// <param name="Types">Which part each belongs to; null where the family tells none apart.</param>
/// <param name="Labels">The class, or the tag of each token, or the first and the last token of the answer.</param>
/// <param name="Source">What it was made from.</param>
internal sealed record TuningExample(int[] Tokens, int[]? Types, int[] Labels, object Source)
{
    /// <summary>Of questions: where each token begins and ends in the text; empty for what is no text.</summary>
    public (int Start, int End)[] Offsets { get; init; } = [];
}

/// <summary>What a model reaches on a file.</summary>
/// <param name="Examples">How many.</param>
/// <param name="Loss">Nats per prediction.</param>
/// <param name="Metrics">By name, the task's own first.</param>
public sealed record TuningResult(int Examples, double Loss, IReadOnlyList<(string Name, double Value)> Metrics);
