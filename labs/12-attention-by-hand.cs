#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 12: attention by hand.
//
//     dotnet run -c Release labs/12-attention-by-hand.cs [folder] [text]
//
// One head of attention in loops: scores, softmax, the mean of values, and the gradient of each, compared with the library's. Then a head
// whose queries, keys and values are written down instead of learned: its keys are the letters before, its queries the letters themselves, its
// values the letters. It finds what followed the last time, and so it continues whatever repeats: an induction head (Olsson et al. 2022,
// arXiv:2209.11895), which trained models find for themselves. The answer is a figure (SVG) of where it looks.
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

#if !LINKED // The tests compile the classes below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var text = args.Length > 1 ? args[1] : "quick fox, quick fox";
Console.WriteLine($"One head, 6 rows of 4 channels, in loops and by the library: they differ by {HandAttention.Difference(rows: 6, size: 4, seed: 1):G2} at most, their gradients too.\n");
var head = new InductionHead(text);
for (var i = 1; i < text.Length; i++)
{
    var (guess, sure) = head.Guess(i);
    Console.WriteLine($"after \"{text[..(i + 1)]}\": {(sure > 0.5 ? $"'{guess}'" : "no idea"),-8} {(i + 1 < text.Length && sure > 0.5 ? guess == text[i + 1] ? "right" : "wrong" : "")}");
}
string[] letters = [.. text.Select((letter, i) => letter == ' ' ? "␣" : $"{letter}")];
HeatMap.OfAlignment("Each letter looks at what followed it the last time", letters, letters, head.Pattern).SaveSvg(Path.Combine(folder, "induction-head.svg"));
Console.WriteLine($"\nWrote {Path.Combine(folder, "induction-head.svg")}");
#endif

/// <summary>softmax(q·kᵀ ÷ √d)·v with every query seeing the keys up to its own place, and its gradient, in loops. Vaswani et al. 2017, arXiv:1706.03762, equation 1.</summary>
internal sealed class HandAttention
{
    private readonly double[][] _q, _k, _v;

    /// <summary>Computes what rows read.</summary>
    public HandAttention(double[][] q, double[][] k, double[][] v)
    {
        (_q, _k, _v) = (q, k, v);
        Pattern = [.. q.Select((query, i) => Softmax([.. k.Take(i + 1).Select(key => Dot(query, key) / Math.Sqrt(query.Length))]))];
        Output = [.. Pattern.Select(weights => Mean(weights, v))];
    }

    /// <summary>How much row i takes of each row up to it: they sum to 1.</summary>
    public double[][] Pattern { get; }

    /// <summary>What each row reads.</summary>
    public double[][] Output { get; }

    /// <summary>The gradients of q, k and v, where that of the output is given.</summary>
    public (double[][] Q, double[][] K, double[][] V) Backward(double[][] dOutput)
    {
        var (dq, dk, dv) = (Zeros(_q), Zeros(_k), Zeros(_v));
        for (var i = 0; i < Pattern.Length; i++)
        {
            var weights = Pattern[i];
            // What a weight is worth; the softmax takes their mean away, for the weights share a sum of 1.
            double[] worth = [.. Enumerable.Range(0, i + 1).Select(j => Dot(dOutput[i], _v[j]))];
            var mean = Dot(weights, worth);
            for (var j = 0; j <= i; j++)
            {
                var dScore = weights[j] * (worth[j] - mean) / Math.Sqrt(_q[i].Length);
                for (var c = 0; c < _q[i].Length; c++)
                {
                    dq[i][c] += dScore * _k[j][c];
                    dk[j][c] += dScore * _q[i][c];
                    dv[j][c] += weights[j] * dOutput[i][c];
                }
            }
        }
        return (dq, dk, dv);
    }

    /// <summary>The greatest difference to the library, over results and gradients of random rows.</summary>
    public static double Difference(int rows, int size, ulong seed)
    {
        double[][] Random(ulong place) => [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, size).Select(c => new RandomStream(seed).Fork(place).Normal((ulong)(row * size + c))).ToArray())];
        static Tensor Tensor(double[][] x) => Stemma.Numerics.Tensor.From([.. x.SelectMany(row => row)], [x.Length, 1, x[0].Length], Device.Reference);
        var (q, k, v, direction) = (Random(0), Random(1), Random(2), Random(3));
        var hand = new HandAttention(q, k, v);
        var (dq, dk, dv) = hand.Backward(direction);
        using var tape = Tape.Start();
        Tensor[] inputs = [Tensor(q).WithGradient(), Tensor(k).WithGradient(), Tensor(v).WithGradient()];
        var output = TensorOps.Attention(inputs[0], inputs[1], inputs[2], SequenceLayout.Batch(1, rows), AttentionWindow.Causal);
        var read = output.ToArray<double>();
        var gradients = tape.Backward((output * Tensor(direction)).Sum());
        (double[][] Hand, double[] Library)[] pairs = [(hand.Output, read), (dq, Gradient(0)), (dk, Gradient(1)), (dv, Gradient(2))];
        return pairs.Max(pair => pair.Hand.SelectMany(row => row).Zip(pair.Library, (a, b) => Math.Abs(a - b)).Max());

        double[] Gradient(int input) => gradients[inputs[input]].ToArray<double>();
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Mean(double[] weights, double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(c => weights.Select((weight, j) => weight * rows[j][c]).Sum())];

    private static double[] Softmax(double[] scores)
    {
        double[] powers = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private static double[][] Zeros(double[][] like) => [.. like.Select(row => new double[row.Length])];
}

/// <summary>A head that is written down: it looks for the place after the last one of its own letter.</summary>
internal sealed class InductionHead
{
    // Much for the same letter, a little for being near, and a place to rest on where there is none.
    private const double Match = 80, Near = 1, Rest = 40;

    private readonly char[] _letters;
    private readonly HandAttention _attention;

    /// <summary>Reads a text.</summary>
    public InductionHead(string text)
    {
        _letters = [.. text.Distinct()];
        var size = _letters.Length + 2;
        var scale = Math.Sqrt(size);
        // Channels: a letter each, then the place, then one that is always on.
        double[] Row(int letter, double factor, double place, double rest) => [.. Enumerable.Range(0, _letters.Length).Select(i => i == letter ? factor : 0), place, rest];
        int Letter(int i) => Array.IndexOf(_letters, text[i]);
        double[][] q = [.. text.Select((_, i) => Row(Letter(i), Match * scale, Near * scale, scale))];
        double[][] k = [.. text.Select((_, i) => i == 0 ? Row(-1, 0, 0, Rest) : Row(Letter(i - 1), 1, i, 0))];
        double[][] v = [.. text.Select((_, i) => i == 0 ? new double[size] : Row(Letter(i), 1, 0, 0))];
        _attention = new(q, k, v);
    }

    /// <summary>Where each letter looks, padded to a square.</summary>
    public IReadOnlyList<float[]> Pattern => [.. _attention.Pattern.Select(weights => Enumerable.Range(0, _attention.Pattern.Length).Select(j => j < weights.Length ? (float)weights[j] : 0f).ToArray())];

    /// <summary>What it says comes after a place, and how sure it is.</summary>
    public (char Letter, double Share) Guess(int place)
    {
        var read = _attention.Output[place].AsSpan(0, _letters.Length).ToArray();
        var most = Array.IndexOf(read, read.Max());
        return (_letters[most], read[most]);
    }
}
