using Stemma.Reproductions.NGrams;

namespace Stemma.Reproductions;

/// <summary>Models of counts.</summary>
internal static class NGramClaims
{
    private const string Source = "Chen and Goodman, \"An Empirical Study of Smoothing Techniques for Language Modeling\"";

    public static IReadOnlyList<Claim> All { get; } =
    [
        new()
        {
            Name = "ngram-smoothing-ptb",
            Year = 1998,
            Paper = Source + " (141.2 for Penn Treebank as in Mikolov et al. 2010)",
            Statement = "Of what never was seen, modified Kneser–Ney knows most: the order of the methods on Penn Treebank, and the published perplexity of its 5-grams.",
            Type = "Models.NGram.ModifiedKneserNey",
            Bands = [new(SmoothingClaim.Best, 141.1, 141.3), .. SmoothingClaim.Order],
            Data = [SmoothingClaim.TrainFile, SmoothingClaim.TestFile],
            Budget = TimeSpan.FromMinutes(2),
            Run = SmoothingClaim.PennTreebank,
        },
        new()
        {
            Name = "ngram-smoothing-docs",
            Year = 1998,
            Paper = Source,
            Statement = "The same order of the methods on another kind of text: the documentation of .NET, in pieces of words.",
            Type = "Models.NGram.ModifiedKneserNey",
            Bands = SmoothingClaim.Order,
            Budget = TimeSpan.FromMinutes(5),
            Run = SmoothingClaim.Documentation,
        },
    ];
}
