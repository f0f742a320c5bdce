using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;

namespace Stemma.Training.Landscape;

/// <summary>A loss on fixed examples as a function of all weights, around the place where they are now. Vectors are as long as there are numbers in the weights, in their order.</summary>
/// <remarks>Its own while it measures: the weights are moved and put back.</remarks>
public sealed class LossSurface
{
    private readonly IReadOnlyList<Parameter> _weights;
    private readonly IReadOnlyList<Func<Tensor>> _parts;
    private readonly float[] _origin;

    /// <param name="weights">What the loss depends on.</param>
    /// <param name="parts">Numbers that add up to the loss, each computed by itself, so that not all of it has to be in memory at once.</param>
    public LossSurface(IReadOnlyList<Parameter> weights, params IReadOnlyList<Func<Tensor>> parts)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (_weights, _parts) = (weights, parts);
        Size = checked((int)weights.Sum(weight => weight.Shape.Count));
        _origin = new float[Size];
        ForEach((weight, place) => weight.Value.Span<float>().CopyTo(_origin.AsSpan(place)));
    }

    /// <summary>Numbers in all weights.</summary>
    public int Size { get; }

    /// <summary>The mean loss of a language model over sequences, in nats per token, without dropout.</summary>
    /// <param name="model">A model that carries a state begins each sequence without one.</param>
    /// <param name="sequences">Tokens, each sequence one longer than what the model sees.</param>
    /// <param name="together">Sequences computed at once.</param>
    public static LossSurface Of(NeuralLanguageModel model, IReadOnlyList<int[]> sequences, int together = 4)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        var tokens = sequences.Sum(sequence => sequence.Length - 1);
        return new(model.Parameters, [.. sequences.Chunk(together).Select(chunk => (Func<Tensor>)(() => Loss(model, chunk, tokens)))]);
    }

    /// <summary>The loss where the weights are.</summary>
    public double Loss()
    {
        using var pause = Tape.Pause();
        var sum = 0.0;
        foreach (var part in _parts)
        {
            using var scope = Memory.Scope();
            sum += part().ToScalar();
        }
        return sum;
    }

    /// <summary>The loss at another place, from which the weights come back.</summary>
    /// <param name="steps">Directions, and how far to go along each.</param>
    public double LossAt(params IReadOnlyList<(float[] Direction, double Distance)> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        try
        {
            ForEach((weight, place) =>
            {
                var values = weight.Value.Span<float>();
                for (var i = 0; i < values.Length; i++)
                {
                    double moved = _origin[place + i];
                    foreach (var (direction, distance) in steps) moved += distance * direction[place + i];
                    values[i] = (float)moved;
                }
            });
            return Loss();
        }
        finally
        {
            ForEach((weight, place) => _origin.AsSpan(place, (int)weight.Shape.Count).CopyTo(weight.Value.Span<float>()));
        }
    }

    /// <summary>The gradient.</summary>
    public float[] Gradient()
    {
        var sum = new float[Size];
        foreach (var part in _parts)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var gradients = tape.Backward(part());
            ForEach((weight, place) =>
            {
                if (gradients.TryGet(weight, out var gradient)) Add(sum, place, gradient);
            });
        }
        return sum;
    }

    /// <summary>The Hessian times a vector.</summary>
    /// <param name="vector">[size].</param>
    /// <param name="result">Receives the product.</param>
    public void MultiplyHessian(float[] vector, float[] result)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(result);
        Array.Clear(result);
        foreach (var part in _parts)
        {
            using var scope = Memory.Scope();
            var pieces = new List<Tensor>();
            ForEach((weight, place) => pieces.Add(Tensor.From<float>(vector.AsSpan(place, (int)weight.Shape.Count), weight.Shape, weight.Value.Device)));
            var product = Hessian.Product(part, [.. _weights.Select(weight => weight.Value)], pieces);
            var index = 0;
            ForEach((_, place) => Add(result, place, product[index++]));
        }
    }

    /// <summary>
    /// A random direction that moves every unit in proportion to its size: each row of a matrix is as long as the weights' own row, and what
    /// is no matrix stays where it is. Without this the picture shows the scale of the weights, which nets with norms are free to choose.
    /// Li et al. 2018, "Visualizing the loss landscape of neural nets", arXiv:1712.09913, section 4.
    /// </summary>
    public float[] RandomDirection(RandomStream random)
    {
        var direction = new float[Size];
        ForEach((weight, place) =>
        {
            if (weight.Shape.Rank < 2) return;
            var (rows, stream) = (weight.Shape[0], random.Fork(weight.Name));
            var width = (int)(weight.Shape.Count / rows);
            for (var row = 0; row < rows; row++)
            {
                var drawn = direction.AsSpan(place + row * width, width);
                for (var i = 0; i < width; i++) drawn[i] = (float)stream.Normal((ulong)(row * (long)width + i));
                var factor = Length(_origin.AsSpan(place + row * width, width)) / Math.Max(Length(drawn), 1e-30);
                for (var i = 0; i < width; i++) drawn[i] = (float)(drawn[i] * factor);
            }
        });
        return direction;
    }

    internal static double Length(ReadOnlySpan<float> vector)
    {
        var sum = 0.0;
        foreach (var x in vector) sum += (double)x * x;
        return Math.Sqrt(sum);
    }

    private static Tensor Loss(NeuralLanguageModel model, int[][] sequences, int tokens)
    {
        int[] inputs = [.. sequences.SelectMany(sequence => sequence[..^1])], targets = [.. sequences.SelectMany(sequence => sequence[1..])];
        var layout = Numerics.Ops.SequenceLayout.Packed([.. sequences.Select(sequence => sequence.Length - 1)]);
        return model.Loss(Tensor.From(inputs, [inputs.Length], model.Device), Tensor.From(targets, [targets.Length], model.Device), new Pass(layout), divisor: tokens);
    }

    private static void Add(float[] sum, int place, Tensor part)
    {
        var values = part.ToArray<float>();
        for (var i = 0; i < values.Length; i++) sum[place + i] += values[i];
    }

    private void ForEach(Action<Parameter, int> action)
    {
        var place = 0;
        foreach (var weight in _weights)
        {
            action(weight, place);
            place += (int)weight.Shape.Count;
        }
    }
}
