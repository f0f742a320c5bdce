using System.Runtime.Intrinsics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>Turns the pairs of channels of some rows' heads.</summary>
/// <param name="x">[rows, heads, size], contiguous within a head.</param>
/// <param name="y">As x, written.</param>
/// <param name="cosines">[rows, pairs].</param>
/// <param name="sines">[rows, pairs].</param>
/// <param name="pairs">Pairs of a head.</param>
/// <param name="pairing">Which channels are a pair.</param>
/// <param name="sign">−1 turns back.</param>
internal readonly unsafe struct RotaryRows(Tensor x, Tensor y, float* cosines, float* sines, int pairs, RotaryPairing pairing, float sign) : IParallelWork
{
    /// <summary>Rows of an item.</summary>
    public const int PerItem = 32;

    public void Execute(int item)
    {
        var (rows, heads, size) = x.Shape;
        for (var row = item * PerItem; row < Math.Min(rows, (item + 1) * PerItem); row++)
        {
            float* c = cosines + (nint)row * pairs, s = sines + (nint)row * pairs;
            for (var head = 0; head < heads; head++)
            {
                float* source = x.Pointer<float>() + row * x.Strides[0] + head * x.Strides[1], target = y.Pointer<float>() + row * y.Strides[0] + head * y.Strides[1];
                if (pairing == RotaryPairing.Halves) Halves(source, target, c, s);
                else Neighbours(source, target, c, s);
                new Span<float>(source + 2 * pairs, size - 2 * pairs).CopyTo(new(target + 2 * pairs, size - 2 * pairs));
            }
        }
    }

    private void Halves(float* source, float* target, float* c, float* s)
    {
        var i = 0;
        for (; i + 8 <= pairs; i += 8)
        {
            var (a, b, cosine, sine) = (Vector256.Load(source + i), Vector256.Load(source + pairs + i), Vector256.Load(c + i), Vector256.Load(s + i) * sign);
            (a * cosine - b * sine).Store(target + i);
            (b * cosine + a * sine).Store(target + pairs + i);
        }
        for (; i < pairs; i++)
        {
            var (a, b) = (source[i], source[pairs + i]);
            target[i] = a * c[i] - b * (s[i] * sign);
            target[pairs + i] = b * c[i] + a * (s[i] * sign);
        }
    }

    private void Neighbours(float* source, float* target, float* c, float* s)
    {
        for (var i = 0; i < pairs; i++)
        {
            var (a, b) = (source[2 * i], source[2 * i + 1]);
            target[2 * i] = a * c[i] - b * (s[i] * sign);
            target[2 * i + 1] = b * c[i] + a * (s[i] * sign);
        }
    }
}
