using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 06 shows holds on sentences whose words are known to be alike.</summary>
public sealed class WordVectorsTests
{
    private static readonly string[] s_animals = ["cat", "dog", "horse", "cow", "sheep"], s_tools = ["hammer", "saw", "drill", "chisel", "plane"];
    private static readonly string[] s_ofAnimals = ["eats", "sleeps", "runs", "drinks"], s_ofTools = ["cuts", "breaks", "rusts", "lies"];

    [Fact]
    public void Words_that_stand_in_each_others_place_lie_together_in_both_readings()
    {
        var random = new RandomStream(3);
        var text = string.Join('\n', Enumerable.Range(0, 3000).Select(i =>
        {
            var (names, verbs) = random.Uniform((ulong)i * 4) < 0.5 ? (s_animals, s_ofAnimals) : (s_tools, s_ofTools);
            return $"the {names[(int)(random.Uniform((ulong)i * 4 + 1) * 5)]} {verbs[(int)(random.Uniform((ulong)i * 4 + 2) * 4)]} by the {names[(int)(random.Uniform((ulong)i * 4 + 3) * 5)]}";
        }));
        var company = new Company(WordCorpus.Read([new Document("sentences", text)], new SpacedWords(), minCount: 1), size: 8, seed: 1, passes: 5, subsample: 0);
        foreach (var vectors in new[] { company.Counted, company.Learned })
            foreach (var animal in s_animals)
                Assert.Empty(Company.Near(vectors, animal, 4).Intersect(s_tools));
        Assert.True(company.Agreement(20, 4) > 2 * company.Chance(4), $"{company.Agreement(20, 4)}");
    }
}
