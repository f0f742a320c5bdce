using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Checkpoints;

/// <summary>Weights read from a file of tensors: each by its place there.</summary>
/// <param name="file">Stays the caller's to dispose, after the model is built.</param>
/// <param name="place">Where the file keeps the weight of a name.</param>
public sealed class CheckpointWeights(TensorFile file, Func<string, TensorPlace> place) : WeightSource
{
    private readonly HashSet<string> _read = [];

    /// <inheritdoc/>
    /// <exception cref="CheckpointException">The file has no such tensor, or one of another shape or with numbers that are none.</exception>
    public override void Expect(string name, Shape shape)
    {
        var (stored, transposed) = place(name);
        if (!file.Contains(stored)) throw new CheckpointException($"{file.Path} lacks the tensor {stored}, of shape {Stored(shape, transposed)}.");
        if (file[stored].Shape != Stored(shape, transposed))
            throw new CheckpointException($"{file.Path}: tensor {stored} has shape {file[stored].Shape}; config.json asks for {Stored(shape, transposed)}.");
    }

    /// <inheritdoc/>
    public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values)
    {
        Expect(name, shape);
        var (stored, transposed) = place(name);
        _read.Add(stored);
        if (!transposed)
        {
            file.Read(stored, values);
            RequireFinite(stored, values);
            return;
        }
        using var scope = Memory.Scope();
        var (rows, columns) = shape;
        var whole = Tensor.Empty([columns, rows]);
        file.Read(stored, whole.Span<float>());
        RequireFinite(stored, whole.Span<float>());
        Transpose(whole.Span<float>(), values, rows, columns);
    }

    /// <summary>Throws when the file holds a tensor that no weight has asked for.</summary>
    /// <param name="isKnown">Names that may be there for reasons of their own, such as buffers.</param>
    /// <exception cref="CheckpointException">Such a tensor.</exception>
    public void ExpectNoOthers(Func<string, bool> isKnown)
    {
        ArgumentNullException.ThrowIfNull(isKnown);
        var others = file.Tensors.Where(t => !_read.Contains(t.Name) && !isKnown(t.Name)).ToArray();
        if (others.Length == 0) return;
        var more = others.Length > 1 ? $" and {others.Length - 1} more" : "";
        throw new CheckpointException($"{file.Path} holds the tensor {others[0].Name} of shape {others[0].Shape}{more}, which the model of config.json does not have.");
    }

    private void RequireFinite(string stored, ReadOnlySpan<float> values)
    {
        foreach (var value in values)
            if (!float.IsFinite(value)) throw new CheckpointException($"{file.Path}: tensor {stored} holds {value}; weights must be finite numbers.");
    }

    private static Shape Stored(Shape shape, bool transposed) => transposed ? [shape[1], shape[0]] : shape;

    // Square blocks, so that both sides stay in the cache.
    private static void Transpose(ReadOnlySpan<float> source, Span<float> target, int rows, int columns)
    {
        const int Block = 32;
        for (var r0 = 0; r0 < rows; r0 += Block)
            for (var c0 = 0; c0 < columns; c0 += Block)
                for (var r = r0; r < Math.Min(r0 + Block, rows); r++)
                    for (var c = c0; c < Math.Min(c0 + Block, columns); c++)
                        target[r * columns + c] = source[c * rows + r];
    }
}
