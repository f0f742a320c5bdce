using Stemma.Numerics.Distributions;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>
/// The word against a few that are drawn: ln σ(v·h) + Σ ln σ(−vₙ·h). Mikolov, Sutskever, Chen, Corrado and Dean 2013, "Distributed
/// Representations of Words and Phrases and their Compositionality", equation 4.
/// </summary>
/// <remarks>As in the original, a draw that is the word itself is left out and not drawn again.</remarks>
public sealed record NegativeSampling : Objective
{
    /// <summary>Words drawn for each that is predicted.</summary>
    public int Count { get; init; } = 5;

    /// <summary>Words are drawn in the proportion of their counts to this power.</summary>
    public double Power { get; init; } = 0.75;

    /// <inheritdoc/>
    public override string ToString() => $"{Count} negative {(Count == 1 ? "sample" : "samples")}";

    internal override OutputLayer Build(WordVocabulary vocabulary, int vectorSize) => new Layer(this, vocabulary, vectorSize);

    internal override void Validate()
    {
        if (Count is < 1 or > 1000) throw new ConfigurationException($"The number of negative samples is {Count}; it is from 1 to 1000.");
        if (!double.IsFinite(Power)) throw new ConfigurationException($"The power of the counts is {Power}; it is a number.");
    }

    private sealed class Layer(NegativeSampling objective, WordVocabulary vocabulary, int vectorSize) : OutputLayer(new(vocabulary.Count, vectorSize))
    {
        private readonly AliasTable _noise = new([.. vocabulary.Counts.ToArray().Select(count => Math.Pow(count, objective.Power))]);

        public override int MostRows => objective.Count + 1;

        public override int Ask(int word, RandomBits random, Span<int> rows, Span<float> labels)
        {
            (rows[0], labels[0]) = (word, 1);
            var count = 1;
            for (var i = 0; i < objective.Count; i++)
            {
                var drawn = _noise.Sample(random.Next());
                if (drawn == word) continue;
                (rows[count], labels[count]) = (drawn, 0);
                count++;
            }
            return count;
        }
    }
}
