using Stemma.Evaluation.Suites;
using Stemma.Models.WordEmbeddings;
using Stemma.Tests.Text;
using Stemma.Text;
using Xunit;

namespace Stemma.Tests.Evaluation.Suites;

public sealed class WordSuiteTests
{
    [Fact]
    public void Analogies_are_answered_as_one_by_one_and_their_coverage_is_told()
    {
        using var folder = new TemporaryFolder();
        // A grid: pairs of the two columns stand in one relation; enough words for more than one slice.
        var words = new List<string>();
        var values = new List<float>();
        for (var i = 0; i < 5000; i++)
        {
            words.Add($"{(i % 2 == 0 ? "base" : "past")}{i / 2}");
            var random = new Stemma.Numerics.RandomStream((ulong)(i / 2));
            for (var k = 0UL; k < 8; k++) values.Add((float)random.Normal(k) + (k == 0 && i % 2 == 1 ? 3 : 0));
        }
        var vectors = new WordVectors(words, 8, [.. values]);
        File.WriteAllText(folder["questions.txt"], ": gram1-past\nbase1 past1 BASE2500 past2400\nbase7 past7 Base2401 PAST2401\nbase7 past7 base12 past12\n: family\nbase1 past1 nobody past3\n");
        var suite = AnalogySuite.Read(folder["questions.txt"]);
        foreach (var method in AnalogyMethod.All)
        {
            var results = suite.Evaluate(vectors, method);
            Assert.Equal([("gram1-past", 3, 2, true), ("family", 1, 0, false)], results.Select(result => (result.Relation, result.Questions, result.Present, result.IsSyntactic)));
            (int, int, int, int)[] asked = [(14, 15, 4802, 4803), (14, 15, 24, 25)];
            Assert.Equal(asked.Select(ids => vectors.Analogy(ids.Item1, ids.Item2, ids.Item3, 1, method)[0].Id == ids.Item4), results[0].Answers);
        }
    }

    [Fact]
    public void Similarities_are_ranked_against_people()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["people.txt"], "car\tautomobile\t9\ncar tree 1\nTREE\tautomobile\t2.5\ncar\tspaceship\t5\n");
        var vectors = new WordVectors(["car", "automobile", "tree"], 2, [1, 0, 1, 0.1f, 0.2f, 1]);
        var result = SimilaritySuite.Read(folder["people.txt"]).Evaluate(vectors);
        Assert.Equal(("people", 4, 3, 1.0), (result.Name, result.Pairs, result.Present, result.Spearman.Value));
    }

    [Theory]
    [InlineData("a b c d\n", "Line 1")]
    [InlineData(": x\na b c\n", "Line 2")]
    [InlineData(": x y\n", "Line 1")]
    [InlineData(": x\n", "holds no questions")]
    [InlineData("", "holds no questions")]
    public void Questions_that_are_none_are_refused(string text, string message) => Refuses(text, message, path => AnalogySuite.Read(path));

    [Theory]
    [InlineData("a b\n", "Line 1")]
    [InlineData("a b 1\n\na b x\n", "Line 3")]
    [InlineData("a b NaN\n", "Line 1")]
    [InlineData("\n", "holds no pairs")]
    public void Pairs_that_are_none_are_refused(string text, string message) => Refuses(text, message, path => SimilaritySuite.Read(path));

    [Fact]
    public void The_published_sets_are_read_whole()
    {
        Assert.Equal(19_544, AnalogySuite.Read(TextData.Shared("word-vectors", "questions-words.txt")).Relations.Sum(relation => relation.Questions.Count));
        (string, int)[] sizes = [("EN-MC-30", 30), ("EN-MEN-TR-3k", 3000), ("EN-MTurk-771", 771), ("EN-RG-65", 65), ("EN-RW-STANFORD", 2034), ("EN-SIMLEX-999", 999), ("EN-WS-353-ALL", 353), ("EN-WS-353-REL", 252), ("EN-WS-353-SIM", 203)];
        foreach (var (name, size) in sizes) Assert.Equal(size, SimilaritySuite.Read(TextData.Shared("word-vectors", "word-sim", name + ".txt")).Pairs.Count);
    }

    private static void Refuses(string text, string message, Func<string, object> read)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file.txt"], text);
        Assert.Contains(message, Assert.Throws<TextFormatException>(() => read(folder["file.txt"])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => read(folder["none.txt"]));
    }
}
