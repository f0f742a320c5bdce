using System.Runtime.Intrinsics;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;

namespace Stemma.Models.GloVe;

/// <summary>Vectors and biases of words and of contexts, and the squares that AdaGrad divides by.</summary>
internal sealed unsafe class GloVeTables : IDisposable
{
    private readonly RowMatrix _wordSquares, _contextSquares;
    private readonly float[] _wordBiasSquares, _contextBiasSquares;

    public GloVeTables(int words, int size, RandomStream random)
    {
        (Words, Contexts, _wordSquares, _contextSquares) = (new(words, size), new(words, size), new(words, size), new(words, size));
        (WordBiases, ContextBiases, _wordBiasSquares, _contextBiasSquares) = (new float[words], new float[words], new float[words], new float[words]);
        Array.Fill(_wordBiasSquares, 1);
        Array.Fill(_contextBiasSquares, 1);
        Fill(Words, _wordSquares, WordBiases, random.Fork("words"));
        Fill(Contexts, _contextSquares, ContextBiases, random.Fork("contexts"));
    }

    public RowMatrix Words { get; }

    public RowMatrix Contexts { get; }

    public float[] WordBiases { get; }

    public float[] ContextBiases { get; }

    /// <summary>One step of AdaGrad on ½·weight·(w·c + b + d − target)².</summary>
    /// <remarks>As in the original, the squares are those of the steps and not of the gradients, and begin at 1.</remarks>
    /// <returns>The loss before it.</returns>
    public double Learn(int word, int context, double target, double weight, float rate)
    {
        float* w = Words.Row(word), c = Contexts.Row(context), ws = _wordSquares.Row(word), cs = _contextSquares.Row(context);
        var end = Words.VectorCount * 8;
        var sums = Vector256<float>.Zero;
        for (var v = 0; v < end; v += 8) sums = Vector256.MultiplyAddEstimate(Vector256.Load(w + v), Vector256.Load(c + v), sums);
        var difference = Vector256.Sum(sums) + WordBiases[word] + ContextBiases[context] - target;
        var step = (float)(weight * difference) * rate;
        for (var v = 0; v < end; v += 8)
        {
            var (a, b) = (Vector256.Load(w + v), Vector256.Load(c + v));
            var (da, db) = (b * step, a * step);
            // A word with itself has two tables, so these are four different rows.
            var (sa, sb) = (Vector256.Load(ws + v), Vector256.Load(cs + v));
            (a - da / Vector256.Sqrt(sa)).Store(w + v);
            (b - db / Vector256.Sqrt(sb)).Store(c + v);
            Vector256.MultiplyAddEstimate(da, da, sa).Store(ws + v);
            Vector256.MultiplyAddEstimate(db, db, sb).Store(cs + v);
        }
        WordBiases[word] -= step / MathF.Sqrt(_wordBiasSquares[word]);
        ContextBiases[context] -= step / MathF.Sqrt(_contextBiasSquares[context]);
        _wordBiasSquares[word] += step * step;
        _contextBiasSquares[context] += step * step;
        return 0.5 * weight * difference * difference;
    }

    /// <summary>Words and contexts added: [words, size].</summary>
    public float[] Sums()
    {
        var (words, contexts) = (Words.ToArray(), Contexts.ToArray());
        for (var i = 0; i < words.Length; i++) words[i] += contexts[i];
        return words;
    }

    public void Dispose()
    {
        foreach (var matrix in (RowMatrix[])[Words, Contexts, _wordSquares, _contextSquares]) matrix.Dispose();
    }

    // Uniform within ±½ ÷ size, as the original; what follows a row's end is 1 too, so that nothing is divided by 0.
    private static void Fill(RowMatrix matrix, RowMatrix squares, float[] biases, RandomStream random)
    {
        for (var row = 0; row < matrix.Rows; row++)
        {
            for (var i = 0; i < matrix.Columns; i++) matrix[row][i] = Initial((ulong)row * (ulong)(matrix.Columns + 1) + (ulong)i);
            biases[row] = Initial((ulong)row * (ulong)(matrix.Columns + 1) + (ulong)matrix.Columns);
            new Span<float>(squares.Row(row), squares.VectorCount * 8).Fill(1);
        }

        float Initial(ulong position) => ((random.Bits(position) >> 8) / 16777216f - 0.5f) / matrix.Columns;
    }
}
