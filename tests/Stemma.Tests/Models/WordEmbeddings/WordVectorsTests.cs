using Stemma.Models.WordEmbeddings;
using Xunit;

namespace Stemma.Tests.Models.WordEmbeddings;

public sealed class WordVectorsTests
{
    // Royal and female are axes; the third is what all share.
    private static readonly WordVectors s_vectors = new(
        ["man", "woman", "king", "queen", "Prince", "table"], 3, [0, 0, 2, 0, 1, 2, 1, 0, 2, 1, 1, 2, 1, -0.2f, 1, -3, -3, 0]);

    [Fact]
    public void Similarity_is_the_cosine()
    {
        Assert.Equal(2 / Math.Sqrt(5), s_vectors.Similarity(0, 1), 1e-6);
        Assert.Equal(1, s_vectors.Similarity(3, 3), 1e-6);
        Assert.Equal(-6 / Math.Sqrt(18 * 6), s_vectors.Similarity(3, 5), 1e-6);
        Assert.Equal(0, new WordVectors(["a", "b"], 1, [0, 1]).Similarity(0, 1));
    }

    [Fact]
    public void Neighbours_come_nearest_first_without_the_word()
    {
        var near = s_vectors.Neighbours(0, 10);
        Assert.Equal(5, near.Count);
        Assert.Equal(near.OrderByDescending(word => word.Score), near);
        Assert.DoesNotContain(near, word => word.Word == "man");
        Assert.Equal("table", near[^1].Word);
        Assert.Equal(near.Take(2), s_vectors.Neighbours(0, 2));
        Assert.Empty(s_vectors.Neighbours(0, 0));
    }

    [Fact]
    public void Man_is_to_king_as_woman_is_to_queen()
    {
        foreach (var method in AnalogyMethod.All)
        {
            var answers = s_vectors.Analogy(0, 2, 1, 3, method);
            Assert.Equal("queen", answers[0].Word);
            double Cos(int id, int of) => s_vectors.Similarity(id, of);
            var expected = method is ThreeCosAdd ? Cos(3, 2) - Cos(3, 0) + Cos(3, 1) : (Cos(3, 2) + 1) / 2 * (Cos(3, 1) + 1) / 2 / ((Cos(3, 0) + 1) / 2 + 1e-3);
            Assert.Equal(expected, answers[0].Score, 1e-5);
            Assert.DoesNotContain(answers, word => word.Id < 3);
        }
    }

    [Fact]
    public void Words_are_found_in_any_case_their_own_first()
    {
        Assert.Equal(4, s_vectors.FindAnyCase("PRINCE"));
        Assert.Equal(-1, s_vectors.Find("prince"));
        Assert.Equal(1, new WordVectors(["march", "March"], 1, [1, 2]).FindAnyCase("March"));
        Assert.Equal(0, new WordVectors(["march", "March"], 1, [1, 2]).FindAnyCase("MARCH"));
        Assert.Equal(2, s_vectors.Take(2).Count);
        Assert.Throws<ArgumentException>(() => new WordVectors(["a", "a"], 1, [1, 2]));
        Assert.Throws<ArgumentException>(() => new WordVectors(["a"], 2, [1]));
    }
}
