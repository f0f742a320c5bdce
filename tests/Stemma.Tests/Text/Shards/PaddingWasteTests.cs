using Stemma.Text.Shards;
using Xunit;

namespace Stemma.Tests.Text.Shards;

public sealed class PaddingWasteTests
{
    [Fact]
    public void The_waste_of_known_lengths_is_known()
    {
        // Rows of 8, 2, 8, 2 in pairs: whatever the order, sorted pairs waste nothing, and 20 tokens fill two of three rows and half of the third.
        var waste = PaddingWaste.Of([8, 2, 8, 2], contextLength: 8, batchSize: 2);
        Assert.Equal(0, waste.BucketedBatches);
        Assert.Equal(1 - 20 / 24.0, waste.Packed, 1e-12);
        Assert.Contains(waste.RandomBatches, (IEnumerable<double>)[0, 1 - 20 / 32.0]);
        // One batch of all: as wide as the widest.
        waste = PaddingWaste.Of([1, 2, 3, 10], contextLength: 16, batchSize: 4);
        Assert.Equal((1 - 16 / 40.0, 1 - 16 / 40.0, 0.0), (waste.RandomBatches, waste.BucketedBatches, waste.Packed));
    }

    [Fact]
    public void Long_documents_are_cut_at_the_context()
    {
        var waste = PaddingWaste.Of([25, 0], contextLength: 10, batchSize: 3);  // rows of 10, 10 and 5
        Assert.Equal(1 - 25 / 30.0, waste.RandomBatches, 1e-12);
        Assert.Equal(1 - 25 / 30.0, waste.Packed, 1e-12);
    }

    [Fact]
    public void Equal_lengths_waste_nothing_and_no_documents_neither()
    {
        Assert.Equal((0.0, 0.0), (PaddingWaste.Of([7, 7, 7], 16, 2).RandomBatches, PaddingWaste.Of([7, 7, 7], 16, 2).BucketedBatches));
        Assert.Equal(default, PaddingWaste.Of([], 16, 2));
    }

    [Fact]
    public void Packing_wastes_least_and_random_batches_most()
    {
        // Lengths as texts have them: many short, few long.
        long[] lengths = [.. Enumerable.Range(1, 500).Select(i => (long)(4 + 3000.0 / i * (i * 7919 % 13 + 1) / 7))];
        var waste = PaddingWaste.Of(lengths, 256, 16, seed: 3);
        Assert.True(waste.Packed < 0.02 && waste.Packed < waste.BucketedBatches && waste.BucketedBatches < waste.RandomBatches / 2, waste.ToString());
        Assert.Equal(waste, PaddingWaste.Of(lengths, 256, 16, seed: 3));
        Assert.NotEqual(waste.RandomBatches, PaddingWaste.Of(lengths, 256, 16, seed: 4).RandomBatches);
    }
}
