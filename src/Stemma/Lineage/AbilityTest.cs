using Stemma.Numerics;
using Stemma.Text.Shards;

namespace Stemma.Lineage;

/// <summary>Measures <see cref="Abilities"/> on windows of a held-out text, spread evenly over it.</summary>
internal sealed class AbilityTest
{
    private const int WindowCount = 64, NearContext = 8, FarContext = 64, Scored = 8, CopyCount = 32, CopyLength = 24;

    private readonly int[][] _windows;
    private readonly int[][] _shuffled;
    private readonly int[][] _repeated;
    private readonly HashSet<(int, int, int)> _seen;

    /// <summary>Reads what is needed of the text.</summary>
    /// <param name="train">What the models learn from: which triples of tokens were seen.</param>
    /// <param name="heldOut">What is predicted.</param>
    /// <param name="seed">Decides the shuffling and the random sequences.</param>
    public AbilityTest(TokenShard train, TokenShard heldOut, ulong seed)
    {
        var length = (int)Math.Min(FarContext + Scored, heldOut.Length);
        if (length < NearContext + 3) throw new ConfigurationException($"{heldOut.Path} holds {heldOut.Length} tokens; the abilities of models are measured on at least {NearContext + 3}.");
        var count = (int)Math.Clamp(heldOut.Length / length, 1, WindowCount);
        _windows = [.. Enumerable.Range(0, count).Select(i => Read(heldOut, (heldOut.Length - length) * i / Math.Max(1, count - 1), length))];
        var random = new RandomStream(seed).Fork("abilities");
        _shuffled = [.. _windows.Select((window, i) => Shuffled(window, random.Fork((ulong)i)))];
        // Tokens of the text itself, so that none is rarer than text makes it, in an order that no text has.
        var draws = random.Fork("copies");
        _repeated = [.. Enumerable.Range(0, CopyCount).Select(i =>
        {
            var once = new int[CopyLength];
            for (var k = 0; k < CopyLength; k++) once[k] = Read(heldOut, draws.Below(heldOut.Length, (ulong)((i * CopyLength) + k)), 1)[0];
            return (int[])[.. once, .. once];
        })];
        _seen = Triples(train);
    }

    /// <summary>Measures a model.</summary>
    /// <param name="model">Any language model over the same tokens.</param>
    /// <param name="cancellation">Stops between windows.</param>
    public Abilities Measure(ILanguageModel model, CancellationToken cancellation = default)
    {
        var most = model.ContextLength ?? int.MaxValue;
        var (impossible, all, order, orders) = (0, 0, 0.0, 0);
        var (novel, novels) = (0.0, 0);
        for (var i = 0; i < _windows.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var window = _windows[i].AsSpan(0, Math.Min(_windows[i].Length, most));
            var (scores, mixed) = (Score(model, window, 1), Score(model, _shuffled[i].AsSpan(0, window.Length), 1));
            for (var k = 0; k < scores.Length; k++)
            {
                var (token, impossibleHere) = (k + 1, double.IsNegativeInfinity(scores[k]));
                all++;
                if (impossibleHere) impossible++;
                if (token < 2 || _seen.Contains((window[token - 2], window[token - 1], window[token]))) continue;
                novel -= scores[k];
                novels++;
            }
            // What is impossible either way says nothing of order; a model that gives nothing to a shuffled text knows it well.
            order += Finite(scores) - Finite(mixed);
            orders += scores.Length;
        }
        var (reach, reached) = (0.0, 0);
        foreach (var window in _windows)
        {
            cancellation.ThrowIfCancellationRequested();
            var scored = Math.Min(Scored, window.Length - NearContext);
            var far = Math.Min(Math.Min(window.Length - scored, FarContext), most - scored);
            if (far <= NearContext) continue;
            var end = window.Length - scored;
            reach += Finite(Score(model, window.AsSpan(end - far), far)) - Finite(Score(model, window.AsSpan(end - NearContext), NearContext));
            reached += scored;
        }
        var (copied, copies) = (0.0, 0);
        foreach (var sequence in _repeated)
        {
            if (sequence.Length > most) continue;
            var scores = Score(model, sequence, 1);
            copied += Finite(scores.AsSpan(CopyLength)) - Finite(scores.AsSpan(0, CopyLength - 1));
            copies += CopyLength;
        }
        return new(
            order / Math.Log(2) / orders,
            (double)impossible / all,
            novels == 0 ? double.NaN : novel / Math.Log(2) / novels,
            reached == 0 ? double.NaN : reach / Math.Log(2) / reached,
            copies == 0 ? double.NaN : copied / Math.Log(2) / copies);
    }

    // The log-probabilities of the tokens after the first few.
    private static double[] Score(ILanguageModel model, ReadOnlySpan<int> tokens, int given)
    {
        var scores = new double[tokens.Length - given];
        using var state = model.Start();
        model.Advance([new(state, tokens[..given].ToArray(), Wanted.None)], []);
        model.Score(state, tokens[given..], scores);
        return scores;
    }

    // An impossible token counts as a very unlikely one, or one would outweigh all others.
    private static double Finite(ReadOnlySpan<double> scores)
    {
        const double Floor = -30;
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Max(score, Floor);
        return sum;
    }

    private static int[] Read(TokenShard shard, long start, int count)
    {
        var ids = new int[count];
        shard.Read(start, ids);
        return ids;
    }

    private static int[] Shuffled(int[] tokens, RandomStream random)
    {
        var mixed = (int[])tokens.Clone();
        for (var i = mixed.Length - 1; i > 0; i--)
        {
            var other = (int)random.Below(i + 1, (ulong)i);
            (mixed[i], mixed[other]) = (mixed[other], mixed[i]);
        }
        return mixed;
    }

    private static HashSet<(int, int, int)> Triples(TokenShard shard)
    {
        const int Part = 1 << 16;
        var seen = new HashSet<(int, int, int)>();
        var (first, second) = (-1, -1);
        for (var start = 0L; start < shard.Length; start += Part)
        {
            foreach (var token in Read(shard, start, (int)Math.Min(Part, shard.Length - start)))
            {
                if (first >= 0) seen.Add((first, second, token));
                (first, second) = (second, token);
            }
        }
        return seen;
    }
}
