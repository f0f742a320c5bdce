using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Turns pairs of channels of every head by the angles of the row, so that products of queries and keys depend on the distance of their
    /// rows alone. Su et al. 2021, arXiv:2104.09864, equation 34. Channels beyond the pairs stay as they are.
    /// </summary>
    /// <param name="x">[rows, heads, head size].</param>
    /// <param name="cosines">[rows, pairs], 2 · pairs ≤ head size; may hold a factor.</param>
    /// <param name="sines">[rows, pairs].</param>
    /// <param name="pairing">Which channels are a pair.</param>
    /// <returns>[rows, heads, head size]. Angles get no gradient.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit each other.</exception>
    public static Tensor Rotary(this Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing)
    {
        x = WithContiguousHeads(x.ForCompute());
        var (rows, _, size) = x.Shape;
        if (cosines.Shape != sines.Shape || cosines.Rank != 2 || cosines.Shape[0] != rows || 2 * cosines.Shape[1] > size)
            throw new ArgumentException($"Heads of {x.Shape} take angles of shape [{rows}, at most {size / 2}]; got {cosines.Shape} and {sines.Shape}.", nameof(cosines));
        cosines = cosines.Cast(x.DType).Contiguous();
        sines = sines.Cast(x.DType).Contiguous();
        if (Tape.IsHigherOrder) return RotaryComposed(x, cosines, sines, pairing);
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Rotate(x, cosines, sines, pairing, back: false, y);
        return Tape.Record(y, [x], [cosines, sines], (cosines, sines, pairing), static (s, dy) =>
        {
            dy = WithContiguousHeads(dy);
            var dx = Tensor.Empty(dy.Shape, dy.DType, dy.Device);
            dy.Device.Backend.Rotate(dy, s.cosines, s.sines, s.pairing, back: true, dx);
            return [dx];
        });
    }

    /// <summary><see cref="Rotary"/> of plain operations.</summary>
    internal static Tensor RotaryComposed(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing)
    {
        var (rows, heads, size) = x.Shape;
        var pairs = cosines.Shape[1];
        (cosines, sines) = (cosines.Reshape([rows, 1, pairs]), sines.Reshape([rows, 1, pairs]));
        var turned = x.Slice(2, 0, 2 * pairs).Reshape(pairing == RotaryPairing.Halves ? [rows, heads, 2, pairs] : [rows, heads, pairs, 2]);
        var axis = pairing == RotaryPairing.Halves ? 2 : 3;
        var (first, second) = (turned.Select(axis, 0), turned.Select(axis, 1));
        Shape one = pairing == RotaryPairing.Halves ? [rows, heads, 1, pairs] : [rows, heads, pairs, 1];
        var result = Concatenate(axis, (first * cosines - second * sines).Reshape(one), (second * cosines + first * sines).Reshape(one)).Reshape([rows, heads, 2 * pairs]);
        return 2 * pairs == size ? result : Concatenate(2, result, x.Slice(2, 2 * pairs, size - 2 * pairs));
    }
}
