using Stemma.Reproductions.Embeddings;

namespace Stemma.Reproductions;

/// <summary>Words as points in space.</summary>
internal static class EmbeddingClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new()
        {
            Name = "skip-gram-is-shifted-pmi",
            Year = 2014,
            Paper = "Levy and Goldberg, \"Neural Word Embedding as Implicit Matrix Factorization\"",
            Statement = "Where vectors are large enough, the products of skip-gram with k negative samples are pointwise mutual information less ln k.",
            Type = "Models.Word2Vec.NegativeSampling",
            Bands =
            [
                Band.AtLeast("correlation of w·c with PMI − ln k", 0.9),
                new("slope of w·c over PMI − ln k", 0.7, 1.3),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromSeconds(8),
            Run = SkipGramPmiClaim.Measure,
        },
    ];
}
