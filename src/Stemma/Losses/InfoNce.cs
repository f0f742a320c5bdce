using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Losses;

/// <summary>Contrastive loss: a text is to be nearer to its partner than to every other text of the batch. van den Oord et al. 2018, arXiv:1807.03748, equation 4; with cosines and in-batch negatives as in Gao et al. 2021 (SimCSE), arXiv:2104.08821, equation 5.</summary>
public static class InfoNce
{
    /// <summary>The mean over rows of −ln softmax over the batch of cosine ÷ temperature, at the row's own partner; in nats.</summary>
    /// <param name="anchors">[texts, size].</param>
    /// <param name="partners">[texts, size]: row i belongs to row i.</param>
    /// <param name="temperature">Positive; small ones look at the hardest others.</param>
    public static Tensor Of(Tensor anchors, Tensor partners, double temperature = 0.05)
    {
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentNullException.ThrowIfNull(partners);
        if (anchors.Rank != 2 || anchors.Shape != partners.Shape) throw new ArgumentException($"Anchors {anchors.Shape} and partners {partners.Shape} must be [texts, size] alike.", nameof(partners));
        if (!(temperature > 0)) throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature is positive.");
        int[] own = [.. Enumerable.Range(0, anchors.Shape[0])];
        return (Unit(anchors).MatMul(Unit(partners).Transposed) / temperature).CrossEntropy(Tensor.From(own, [own.Length], anchors.Device));
    }

    /// <summary>Rows of length 1.</summary>
    internal static Tensor Unit(Tensor x) => x / (x.Square().Sum(-1, keepAxis: true) + 1e-12).Sqrt();
}
