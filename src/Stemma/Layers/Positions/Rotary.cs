using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Positions as rotations of queries and keys: their products depend on the distance alone. Su et al. 2021, arXiv:2104.09864. One object
/// serves all blocks of a model.
/// </summary>
/// <param name="size">Channels of a head that turn, the first ones; even.</param>
/// <param name="theta">The base of the angles.</param>
/// <param name="pairing">Which channels are a pair.</param>
/// <param name="scaling">How it reaches beyond the trained length.</param>
/// <param name="contextLength">Positions of the model.</param>
public sealed class Rotary(int size, double theta, RotaryPairing pairing, RotaryScaling scaling, int contextLength)
{
    private readonly Lock _lock = new();
    private Angles? _angles;

    /// <summary>Turns queries and keys by the positions of their rows.</summary>
    /// <param name="queries">[rows, heads, head size].</param>
    /// <param name="keys">[rows, key heads, head size].</param>
    /// <param name="pass">Says where each row stands.</param>
    public (Tensor Queries, Tensor Keys) Forward(Tensor queries, Tensor keys, in Pass pass)
    {
        var positions = pass.Positions();
        var pairs = size / 2;
        var (cosines, sines) = (new float[positions.Length * pairs], new float[positions.Length * pairs]);
        for (var s = 0; s < pass.Layout.Count; s++)
        {
            var (first, end) = (pass.Layout.QueryOffsets[s], pass.Layout.QueryOffsets[s + 1]);
            if (first == end) continue;
            var length = positions[end - 1] + 1;
            var angles = AnglesOf(length);
            for (var row = first; row < end; row++)
            {
                angles.Cosines.AsSpan(positions[row] * pairs, pairs).CopyTo(cosines.AsSpan(row * pairs));
                angles.Sines.AsSpan(positions[row] * pairs, pairs).CopyTo(sines.AsSpan(row * pairs));
            }
        }
        Shape shape = [positions.Length, pairs];
        var (c, n) = (Tensor.From(cosines, shape, queries.Device), Tensor.From(sines, shape, queries.Device));
        return (queries.Rotary(c, n, pairing), keys.Rotary(c, n, pairing));
    }

    /// <summary>Positions 0 … length − 1 at least, of the sequence length's own angles where they depend on it.</summary>
    private Angles AnglesOf(int length)
    {
        lock (_lock)
        {
            if (_angles is { } known && (scaling.DependsOnLength ? known.Length == length : known.Length >= length)) return known;
            var count = scaling.DependsOnLength ? length : Math.Max(length, Math.Min(contextLength, 2 * (_angles?.Length ?? 128)));
            return _angles = new(scaling.Frequencies(theta, size, contextLength, length), count);
        }
    }

    /// <summary>Cosines and sines [positions, pairs].</summary>
    private sealed class Angles
    {
        public Angles((double[] Frequencies, double Factor) scaled, int length)
        {
            Length = length;
            var pairs = scaled.Frequencies.Length;
            (Cosines, Sines) = (new float[length * pairs], new float[length * pairs]);
            for (var position = 0; position < length; position++)
            {
                for (var i = 0; i < pairs; i++)
                {
                    var (sine, cosine) = Math.SinCos(position * scaled.Frequencies[i]);
                    Cosines[position * pairs + i] = (float)(cosine * scaled.Factor);
                    Sines[position * pairs + i] = (float)(sine * scaled.Factor);
                }
            }
        }

        public int Length { get; }

        public float[] Cosines { get; }

        public float[] Sines { get; }
    }
}

/// <summary><see cref="Rotary"/>, all channels of a head, halves as pairs.</summary>
public sealed record RotaryPositionsConfig : PositionsConfig
{
    /// <summary>The base of the angles.</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>How the angles reach beyond the trained length.</summary>
    public RotaryScaling Scaling { get; init; } = new NoRotaryScaling();

    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return new(Rotary: new Rotary(sizes.HeadSize, Theta, RotaryPairing.Halves, Scaling, sizes.ContextLength));
    }

    /// <inheritdoc/>
    public override void Validate(string path, int headSize)
    {
        if (!(Theta > 1)) throw new ConfigurationException($"{path}.theta is {Theta}; it must be greater than 1.");
        if (headSize % 2 != 0) throw new ConfigurationException($"{path}.kind is rotary, which turns pairs of channels; a head has {headSize}. Choose another model.hidden_size or model.head_count.");
        Scaling.Validate($"{path}.scaling", headSize);
    }
}
