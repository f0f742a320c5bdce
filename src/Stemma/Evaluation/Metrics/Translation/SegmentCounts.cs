namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>What a metric counted, a row per segment.</summary>
/// <param name="segmentCount">Rows.</param>
/// <param name="length">Numbers per row.</param>
public sealed class SegmentCounts(int segmentCount, int length)
{
    private readonly double[] _values = new double[segmentCount * length];

    /// <summary>Rows.</summary>
    public int SegmentCount => segmentCount;

    /// <summary>One segment's counts.</summary>
    public Span<double> this[int segment] => _values.AsSpan(segment * length, length);

    /// <summary>The sum of all rows.</summary>
    public double[] Sum()
    {
        var sum = new double[length];
        for (var i = 0; i < segmentCount; i++) AddTo(sum, i);
        return sum;
    }

    /// <summary>Adds a row to a sum.</summary>
    internal void AddTo(Span<double> sum, int segment)
    {
        var row = this[segment];
        for (var k = 0; k < row.Length; k++) sum[k] += row[k];
    }
}
