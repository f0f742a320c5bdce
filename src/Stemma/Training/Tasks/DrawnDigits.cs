using Stemma.Numerics;

namespace Stemma.Training.Tasks;

/// <summary>
/// Digits drawn by the program: a font of 5 × 7 pixels, moved about, fainter or stronger, with noise over it. A stand-in for handwritten
/// digits that needs no download and never ends.
/// </summary>
/// <param name="Images">[count, <see cref="Size"/>²], about 0 (paper) to 1 (ink).</param>
/// <param name="Labels">int32 [count], 0 to 9.</param>
public sealed record DrawnDigits(Tensor Images, Tensor Labels)
{
    /// <summary>Pixels of a side of an image.</summary>
    public const int Size = 12;

    private const int FontWidth = 5, FontHeight = 7;

    // A row of pixels per byte, the leftmost in the highest of five bits.
    private static readonly byte[][] s_font =
    [
        [0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E], [0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E], [0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F],
        [0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E], [0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02], [0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E],
        [0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E], [0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08], [0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E],
        [0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C],
    ];

    /// <summary>Draws digits; the same stream draws the same ones.</summary>
    /// <param name="count">How many.</param>
    /// <param name="random">Decides all of them.</param>
    /// <param name="shift">The most pixels a digit lies from the middle, 0 to 2.</param>
    /// <param name="noise">The standard deviation of what is added to each pixel; ≥ 0.</param>
    public static DrawnDigits Draw(int count, RandomStream random, int shift = 1, double noise = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        if (shift is < 0 or > 2) throw new ArgumentOutOfRangeException(nameof(shift), shift, "A digit may lie 0 to 2 pixels from the middle; further out it would leave the image.");
        var (pixels, labels) = (new float[count * Size * Size], new int[count]);
        var (places, dots) = (random.Fork("places"), random.Fork("dots"));
        for (var i = 0; i < count; i++)
        {
            var at = 4 * (ulong)i;
            labels[i] = (int)places.Below(10, at);
            var left = (Size - FontWidth) / 2 + (int)places.Below(2 * shift + 1, at + 1) - shift;
            var top = (Size - FontHeight) / 2 + (int)places.Below(2 * shift + 1, at + 2) - shift;
            var ink = 0.6 + 0.4 * places.Uniform(at + 3);
            var image = pixels.AsSpan(i * Size * Size, Size * Size);
            for (var p = 0; p < image.Length; p++)
            {
                var (x, y) = (p % Size - left, p / Size - top);
                var drawn = x is >= 0 and < FontWidth && y is >= 0 and < FontHeight && (s_font[labels[i]][y] >> (FontWidth - 1 - x) & 1) == 1;
                image[p] = (float)((drawn ? ink : 0) + noise * dots.Normal((ulong)(i * Size * Size + p)));
            }
        }
        return new(Tensor.From(pixels, [count, Size * Size]), Tensor.From(labels, [count]));
    }
}
