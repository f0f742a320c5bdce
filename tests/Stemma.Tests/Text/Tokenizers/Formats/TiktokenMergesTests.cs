using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Formats;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

public sealed class TiktokenMergesTests
{
    [Fact]
    public void One_merge_for_a_token_does_what_all_ways_to_divide_it_do()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            Dictionary<string, int> ranks = new(StringComparer.Ordinal) { ["a"] = 0, ["b"] = 1, ["c"] = 2 };

            // Any strings in any order: longer ones before their parts, and ones that nothing leads to.
            while (ranks.Count < 60) ranks.TryAdd(Letters(random, random.Next(2, 7)), ranks.Count);
            var merges = TiktokenMerges.Of(ranks);
            Assert.Equal(merges.Count, merges.Select(merge => merge.Result).Distinct().Count());
            var merger = new WordMerger(new MergeTable(merges));
            for (var word = 0; word < 60; word++)
            {
                var text = Letters(random, random.Next(1, word < 3 ? 300 : 30));
                var ids = text.Select(letter => ranks[letter.ToString()]).ToArray();
                Assert.Equal(ByRanks(text, ranks), ids[..merger.Merge(ids)]);
            }
        }
    }

    private static string Letters(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => "abc"[random.Next(3)]));

    // The definition: of all adjacent parts those that together are the token of the lowest rank become it, the leftmost of equals first.
    private static List<int> ByRanks(string text, Dictionary<string, int> ranks)
    {
        var parts = text.Select(letter => letter.ToString()).ToList();
        while (true)
        {
            var (best, at) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < parts.Count; i++)
                if (ranks.TryGetValue(parts[i] + parts[i + 1], out var rank) && rank < best) (best, at) = (rank, i);
            if (at < 0) return parts.ConvertAll(part => ranks[part]);
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }
    }
}
