using Stemma.Evaluation.Metrics;
using Stemma.Text.Corpora;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 09 shows holds, on a small API that is made up.</summary>
public sealed class SummariesTests
{
    private static readonly string[] s_things = ["name", "value", "size", "color", "parent", "index", "state", "title"];

    private static readonly Document[] s_types = [.. Enumerable.Range(0, 60).Select(i => new Document($"T{i}", $"Type{i} (Made.Up)\nA type.\n\n" + string.Join("\n\n", s_things.Select((thing, k) =>
        $"Set{char.ToUpperInvariant(thing[0])}{thing[1..]}(Int32 {thing})\nSets the {thing} of the object. It may be anything.\n{thing}: The new {thing}.\nReturns: The number {(i + k) % 7}.")) + "\n"))];

    [Fact]
    public void Members_lose_their_first_sentence_and_types_do_not_leak()
    {
        var (train, heldOut) = MemberSummary.Split(s_types);
        Assert.Equal(54 * 8, train.Count);
        Assert.Equal(6 * 8, heldOut.Count);
        Assert.Equal("Sets the name of the object.", train[0].Sentence);
        Assert.Equal("SetName(Int32 name)\nname: The new name.\nReturns: The number 0.", train[0].Source);
        Assert.Equal("The new name.", train[0].Lead);
        Assert.Empty(MemberSummary.Of(new("T", "T (N)\nA type.\n\nRun()\nReturns: Nothing new.\nException: When it fails.\n")));
    }

    [Fact]
    public void What_is_written_is_better_than_the_first_sentence_read()
    {
        var (train, heldOut) = MemberSummary.Split(s_types);
        var writer = new SummaryWriter(train, hiddenSize: 32, seed: 1);
        var losses = writer.Train(train, 150, batchSize: 16, learningRate: 1e-2).ToArray();
        Assert.True(losses[^1] < 0.5 * losses[0], $"{losses[0]} → {losses[^1]}");
        MemberSummary[] asked = [.. heldOut.Take(8)];
        var (written, lead) = (asked.Average(member => Rouge.L(writer.Write(member.Source), member.Sentence).F1), asked.Average(member => Rouge.L(member.Lead, member.Sentence).F1));
        Assert.True(written > lead + 0.1, $"{written} against {lead}");
    }
}
