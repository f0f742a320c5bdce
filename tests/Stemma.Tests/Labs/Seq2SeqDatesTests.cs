using System.Globalization;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 07 shows holds, in the one culture that is always there.</summary>
public sealed class Seq2SeqDatesTests
{
    private static readonly WrittenDates s_dates = WrittenDates.Of([CultureInfo.InvariantCulture]);

    [Fact]
    public void Days_are_written_in_both_ways_and_split_alike()
    {
        (string Written, string Iso)[] seen = [.. Enumerable.Range(0, 500).Select(i => s_dates.Draw(new RandomStream(1).Fork((ulong)i), unseen: false))];
        (string Written, string Iso)[] unseen = [.. Enumerable.Range(0, 500).Select(i => s_dates.Draw(new RandomStream(1).Fork((ulong)i), unseen: true))];
        Assert.Empty(seen.Select(pair => pair.Iso).Intersect(unseen.Select(pair => pair.Iso)));
        foreach (var (written, iso) in seen) Assert.Equal(DateTime.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture), DateTime.Parse(written, CultureInfo.InvariantCulture));
        Assert.InRange(seen.Count(pair => pair.Written.Contains("day", StringComparison.Ordinal)), 200, 300);
        Assert.DoesNotContain(0, unseen.SelectMany(pair => s_dates.Encode(pair.Written)));
        Assert.Equal(0, s_dates.Recalendared);
    }

    [Fact]
    public void Attention_reads_days_that_it_has_never_seen()
    {
        var reader = new DateReader(s_dates, new LuongAttentionConfig(), embeddingSize: 24, hiddenSize: 64, seed: 1);
        var losses = reader.Train(300, batchSize: 32, learningRate: 1e-2).ToArray();
        Assert.True(losses[^1] < 0.1, $"{losses[^1]}");
        Assert.InRange(reader.Accuracy(100), 0.9, 1);
        var read = reader.Read(WrittenDates.Write(CultureInfo.InvariantCulture, new(1994, 9, 27), isLong: false));
        Assert.Equal(read.Text.Length + 1, read.Alignment.Count);
    }
}
