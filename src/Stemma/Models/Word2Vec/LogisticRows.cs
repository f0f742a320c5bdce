using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Models.Word2Vec;

/// <summary>
/// A gradient step of logistic regressions that share their input: for rows vᵢ with labels yᵢ, the loss
/// −Σᵢ [yᵢ ln σ(h·vᵢ) + (1 − yᵢ) ln σ(−h·vᵢ)], which negative sampling and hierarchical softmax both are.
/// </summary>
/// <remarks>
/// All scores are taken before any row changes, so that this is the gradient at one point; the original goes row by row. Where a row comes
/// twice, it takes both steps, and the input sees the second after the first. σ is exact; the original looks it up in a table that ends at ±6.
/// </remarks>
internal static unsafe class LogisticRows
{
    /// <summary>Rows that are worked on together.</summary>
    public const int Together = 3;

    /// <summary>How many rows a buffer must hold for <paramref name="count"/> of them.</summary>
    public static int Capacity(int count) => (count + Together - 1 + 7) / 8 * 8;

    /// <summary>Moves the rows by −rate × gradient, and writes −rate × the input's gradient.</summary>
    /// <param name="input">h.</param>
    /// <param name="rows">Where the vᵢ are; room for <see cref="Capacity"/>.</param>
    /// <param name="labels">The yᵢ, 0 … 1; as much room.</param>
    /// <param name="scores">Room for as many.</param>
    /// <param name="count">Rows.</param>
    /// <param name="spare">A row of zeros, which stays so.</param>
    /// <param name="vectors">Vectors of eight in a row.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="error">Where the input's step is written.</param>
    public static void Step(float* input, float** rows, float* labels, float* scores, int count, float* spare, int vectors, float rate, float* error)
    {
        // Rows of zeros fill the last group: their score is 0 and σ(0) their label, so that their step is 0.
        var padded = (count + Together - 1) / Together * Together;
        for (var i = count; i < padded; i++)
        {
            rows[i] = spare;
            labels[i] = 0.5f;
        }
        for (var i = 0; i < padded; i += Together) Products(input, rows + i, scores + i, vectors);
        var one = Vector256<float>.One;
        for (var i = 0; i < padded; i += 8)
        {
            var sigmoid = one / (one + Vector256.Exp(-Vector256.Load(scores + i)));
            ((Vector256.Load(labels + i) - sigmoid) * rate).Store(scores + i);
        }
        Update(input, rows, scores, vectors, error, Vector256<float>.Zero, isFirst: true);
        for (var i = Together; i < padded; i += Together) Update(input, rows + i, scores + i, vectors, error, Vector256<float>.Zero, isFirst: false);
    }

    /// <summary>target += source.</summary>
    public static void Add(float* target, float* source, int vectors)
    {
        for (var v = 0; v < vectors * 8; v += 8) (Vector256.Load(target + v) + Vector256.Load(source + v)).Store(target + v);
    }

    /// <summary>target *= factor.</summary>
    public static void Scale(float* target, float factor, int vectors)
    {
        for (var v = 0; v < vectors * 8; v += 8) (Vector256.Load(target + v) * factor).Store(target + v);
    }

    private static void Products(float* input, float** rows, float* scores, int vectors)
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2];
        var (s0, s1, s2) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var v = 0; v < vectors * 8; v += 8)
        {
            var h = Vector256.Load(input + v);
            s0 = Vector256.MultiplyAddEstimate(h, Vector256.Load(r0 + v), s0);
            s1 = Vector256.MultiplyAddEstimate(h, Vector256.Load(r1 + v), s1);
            s2 = Vector256.MultiplyAddEstimate(h, Vector256.Load(r2 + v), s2);
        }
        (scores[0], scores[1], scores[2]) = (Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update(float* input, float** rows, float* steps, int vectors, float* error, Vector256<float> zero, bool isFirst)
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2];
        var (g0, g1, g2) = (Vector256.Create(steps[0]), Vector256.Create(steps[1]), Vector256.Create(steps[2]));
        for (var v = 0; v < vectors * 8; v += 8)
        {
            var h = Vector256.Load(input + v);
            var e = isFirst ? zero : Vector256.Load(error + v);
            // One row after the other: two of them may be the same.
            var w = Vector256.Load(r0 + v);
            e = Vector256.MultiplyAddEstimate(g0, w, e);
            Vector256.MultiplyAddEstimate(g0, h, w).Store(r0 + v);
            w = Vector256.Load(r1 + v);
            e = Vector256.MultiplyAddEstimate(g1, w, e);
            Vector256.MultiplyAddEstimate(g1, h, w).Store(r1 + v);
            w = Vector256.Load(r2 + v);
            e = Vector256.MultiplyAddEstimate(g2, w, e);
            Vector256.MultiplyAddEstimate(g2, h, w).Store(r2 + v);
            e.Store(error + v);
        }
    }
}
