using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Models.TextCnn;

/// <summary>A sentence as word ids, and its class.</summary>
/// <param name="Words">At least one.</param>
/// <param name="Class">From 0.</param>
public readonly record struct LabelledSentence(int[] Words, int Class);

/// <summary>
/// Trains a text CNN by Adam on shuffled batches, the rows of its output layer held within a length (Hinton et al. 2012,
/// arXiv:1207.0580), and keeps the weights of the epoch that sorts the held-out sentences best.
/// </summary>
/// <remarks>Kim has Adadelta in place of Adam.</remarks>
public sealed record TextCnnTrainer
{
    /// <summary>Passes over the sentences.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Sentences per update.</summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>Adam's rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The longest that a row of the output layer may be.</summary>
    public double LargestNorm { get; init; } = 3;

    /// <summary>Decides weights, order and dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Trains, and yields after every epoch the share of held-out sentences that it sorts rightly; at the end the model holds the weights of the best.</summary>
    /// <param name="model">Fresh.</param>
    /// <param name="train">What it learns from.</param>
    /// <param name="heldOut">What chooses the epoch.</param>
    public IEnumerable<double> Train(TextCnnModel model, IReadOnlyList<LabelledSentence> train, IReadOnlyList<LabelledSentence> heldOut)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        var random = new RandomStream(Seed).Fork("text cnn");
        var optimizer = new AdamConfig().Build(model.Parameters);
        var (order, best) = (Enumerable.Range(0, train.Count).ToArray(), -1.0);
        var kept = model.Parameters.Select(weight => Tensor.Empty(weight.Shape, DType.Float32, weight.Value.Device)).ToArray();
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var draws = random.Fork((ulong)epoch);
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = (int)draws.Below(i + 1, (ulong)i);
                (order[i], order[j]) = (order[j], order[i]);
            }
            foreach (var (number, batch) in order.Chunk(BatchSize).Index())
            {
                using var scope = Memory.Scope();
                using var tape = Tape.Start();
                var logits = model.Logits([.. batch.Select(i => train[i].Words)], draws.Fork((ulong)number));
                var loss = logits.CrossEntropy(Tensor.From([.. batch.Select(i => train[i].Class)], [batch.Length], logits.Device));
                optimizer.Step(tape.Backward(loss), LearningRate);
                Shorten(model.Output.Weight);
            }
            var accuracy = Accuracy(model, heldOut);
            if (accuracy > best)
            {
                best = accuracy;
                foreach (var (copy, weight) in kept.Zip(model.Parameters)) copy.CopyFrom(weight.Value.Detach());
            }
            yield return accuracy;
        }
        foreach (var (copy, weight) in kept.Zip(model.Parameters)) weight.Value.CopyFrom(copy);
    }

    /// <summary>The share of sentences that are sorted rightly.</summary>
    public static double Accuracy(TextCnnModel model, IReadOnlyList<LabelledSentence> sentences)
    {
        ArgumentNullException.ThrowIfNull(model);
        var right = 0;
        foreach (var batch in sentences.Chunk(200))
        {
            using var scope = Memory.Scope();
            var logits = model.Logits([.. batch.Select(sentence => sentence.Words)]);
            foreach (var (row, sentence) in logits.ToArray<float>().Chunk(logits.Shape[1]).Zip(batch))
                if (row.AsSpan().IndexOf(row.Max()) == sentence.Class) right++;
        }
        return (double)right / sentences.Count;
    }

    private void Shorten(Parameter weight)
    {
        var (rows, columns) = weight.Shape;
        var values = weight.Value.Span<float>();
        for (var row = 0; row < rows; row++)
        {
            var norm = 0.0;
            foreach (var value in values.Slice(row * columns, columns)) norm += value * (double)value;
            norm = Math.Sqrt(norm);
            if (norm <= LargestNorm) continue;
            foreach (ref var value in values.Slice(row * columns, columns)) value *= (float)(LargestNorm / norm);
        }
    }
}
