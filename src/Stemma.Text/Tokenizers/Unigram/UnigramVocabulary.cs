using System.Text;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>The pieces of a Unigram model in training, their log-probabilities, and what changes them.</summary>
internal sealed class UnigramVocabulary
{
    private const double UnknownPenalty = 10;

    private readonly int characterCount;

    /// <param name="seeds">Pieces and their counts, characters first.</param>
    /// <param name="characterCount">How many characters, which always stay.</param>
    public UnigramVocabulary(List<(string Piece, double Count)> seeds, int characterCount)
    {
        this.characterCount = characterCount;
        var total = Math.Log(seeds.Sum(seed => seed.Count));
        Set([.. seeds.Select(seed => seed.Piece)], [.. seeds.Select(seed => Math.Log(seed.Count) - total)]);
    }

    public List<string> Pieces { get; private set; } = [];

    /// <summary>Log-probabilities, in nats.</summary>
    public double[] Scores { get; private set; } = [];

    public ByteTrie Trie { get; private set; } = new([]);

    /// <summary>What a character costs that no piece covers.</summary>
    public double UnknownScore { get; private set; }

    /// <summary>Log-probabilities from expected uses, E[log p] under a sparse Dirichlet: ψ(c) − ψ(Σc); pieces used less than a bound go, characters stay.</summary>
    public void Maximize(double[] expected, double atLeast)
    {
        List<string> pieces = [];
        List<double> kept = [];
        for (var i = 0; i < Pieces.Count; i++)
        {
            if (expected[i] < atLeast && i >= characterCount) continue;
            pieces.Add(Pieces[i]);
            kept.Add(Math.Max(expected[i], i < characterCount ? atLeast : 0));
        }

        var total = Digamma(kept.Sum());
        Set(pieces, [.. kept.Select(count => Digamma(count) - total)]);
    }

    /// <summary>
    /// Leaves about so many pieces: of each its loss is what the likelihood loses when its uses fall to the best other segmentation of it (Kudo 2018, §3.2).
    /// </summary>
    public void Prune(UnigramExpectation expectation, int size)
    {
        var (uses, inWords) = expectation.RunBest(Trie, Scores, UnknownScore);
        var sum = (double)uses.Sum();
        var wordSum = (double)inWords.Sum();
        var best = new BestPath();
        List<int> kept = [];
        List<(int Id, double Loss)> candidates = [];
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (id < characterCount)
            {
                kept.Add(id);
                continue;
            }

            var text = Encoding.UTF8.GetBytes(Pieces[id]);
            best.Find(text, Trie, Scores, UnknownScore, barred: id);
            var isOwnBest = Score(best.Ids) <= Scores[id];
            if (!isOwnBest || uses[id] == 0) continue;
            var alternative = best.Ids;
            var withoutIt = alternative.Sum(other => Math.Log((other < 0 ? 0 : uses[other]) + uses[id])) - alternative.Count * Math.Log(sum + uses[id] * (alternative.Count - 1.0));
            candidates.Add((id, inWords[id] / wordSum * (Math.Log(uses[id]) - Math.Log(sum) - withoutIt)));
        }

        kept.AddRange(candidates.OrderByDescending(item => item.Loss).ThenBy(item => item.Id).Take(Math.Max(0, size - kept.Count)).Select(item => item.Id));
        kept.Sort();
        Set([.. kept.Select(id => Pieces[id])], [.. kept.Select(id => Scores[id])]);
    }

    /// <summary>The final pieces, most probable first: every character and as many others as there is room for.</summary>
    public List<(string Piece, double Score)> Choose(Dictionary<Rune, long> characters, int size)
    {
        var lowest = Scores.Min();
        var all = Pieces.Zip(Scores).ToList();
        var required = all.Take(characters.Count).ToList();
        var others = all.Skip(characters.Count).OrderByDescending(piece => piece.Second).ThenBy(piece => piece.First, StringComparer.Ordinal).Take(Math.Max(0, size - required.Count));
        return [.. required.Concat(others).Select(piece => (piece.First, Math.Max(piece.Second, lowest))).OrderByDescending(piece => piece.Item2).ThenBy(piece => piece.First, StringComparer.Ordinal)];
    }

    /// <summary>ψ(x), the derivative of log Γ: the recurrence up to 7, then the asymptotic series (error below 10⁻¹⁰).</summary>
    internal static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++) result -= 1 / x;
        x -= 0.5;
        var square = 1 / (x * x);
        return result + Math.Log(x) + square * (1.0 / 24 - square * (7.0 / 960 - square * (31.0 / 8064 - square * (127.0 / 30720))));
    }

    private double Score(List<int> ids) => ids.Count == 0 ? double.NegativeInfinity : ids.Sum(id => id < 0 ? UnknownScore : Scores[id]);

    private void Set(List<string> pieces, double[] scores)
    {
        (Pieces, Scores) = (pieces, scores);
        UnknownScore = scores.Min() - UnknownPenalty;
        // The old one goes before the new one is made: with a million pieces they are large.
        Trie = new ByteTrie([]);
        Trie = new ByteTrie([.. pieces.Select((piece, id) => (Encoding.UTF8.GetBytes(piece), id))]);
    }
}
