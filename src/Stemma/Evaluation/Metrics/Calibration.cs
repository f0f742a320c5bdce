namespace Stemma.Evaluation.Metrics;

/// <summary>Whether a model that says "70 %" is right seven times in ten. Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599.</summary>
public static class Calibration
{
    /// <summary>Predictions of like confidence.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Confidence">What was claimed on average.</param>
    /// <param name="Accuracy">How many of them are right.</param>
    public readonly record struct Bin(int Count, double Confidence, double Accuracy);

    /// <summary>Bins of equal width over 0 to 1: what a reliability diagram shows.</summary>
    /// <param name="confidences">The probability given to each prediction, 0 to 1.</param>
    /// <param name="isRight">Whether it was right.</param>
    /// <param name="binCount">≥ 1; a confidence on an edge belongs to the lower bin.</param>
    /// <exception cref="ArgumentException">Other numbers of each, or a confidence that is none.</exception>
    public static Bin[] Bins(IReadOnlyList<double> confidences, IReadOnlyList<bool> isRight, int binCount = 15)
    {
        ArgumentNullException.ThrowIfNull(confidences);
        ArgumentNullException.ThrowIfNull(isRight);
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        if (confidences.Count != isRight.Count) throw new ArgumentException($"There are {confidences.Count} confidences of {isRight.Count} predictions.", nameof(confidences));
        var sums = new (int Count, double Confidence, int Right)[binCount];
        for (var i = 0; i < confidences.Count; i++)
        {
            if (confidences[i] is not (>= 0 and <= 1)) throw new ArgumentException($"Confidence {i + 1} is {confidences[i]}; a probability lies between 0 and 1.", nameof(confidences));
            ref var sum = ref sums[Math.Clamp((int)Math.Ceiling(confidences[i] * binCount) - 1, 0, binCount - 1)];
            sum = (sum.Count + 1, sum.Confidence + confidences[i], sum.Right + (isRight[i] ? 1 : 0));
        }
        return [.. sums.Select(sum => sum.Count == 0 ? default : new Bin(sum.Count, sum.Confidence / sum.Count, (double)sum.Right / sum.Count))];
    }

    /// <summary>Expected calibration error: the mean distance of confidence and accuracy, bins weighted by their predictions; 0 to 1.</summary>
    /// <inheritdoc cref="Bins"/>
    public static double ExpectedError(IReadOnlyList<double> confidences, IReadOnlyList<bool> isRight, int binCount = 15)
    {
        var bins = Bins(confidences, isRight, binCount);
        return confidences.Count == 0 ? 0 : bins.Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Accuracy)) / confidences.Count;
    }
}
