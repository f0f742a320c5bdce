using Stemma.Numerics;

namespace Stemma.Models.Transformer2017;

/// <summary>Positions as waves: sin(p ÷ 10000^(2i/d)) in channel 2i, its cosine in channel 2i + 1. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.</summary>
internal static class Sinusoids
{
    /// <summary>[positions, size] on a device.</summary>
    public static Tensor Of(ReadOnlySpan<int> positions, int size, Device device)
    {
        var values = new float[positions.Length * size];
        for (var row = 0; row < positions.Length; row++)
        {
            for (var channel = 0; channel < size; channel++)
            {
                var angle = positions[row] / Math.Pow(10_000, (channel - channel % 2) / (double)size);
                values[row * size + channel] = (float)(channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }
        return Tensor.From(values, [positions.Length, size], device);
    }
}
