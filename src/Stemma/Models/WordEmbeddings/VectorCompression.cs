using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Models.WordEmbeddings;

/// <summary>Vectors in fewer numbers.</summary>
/// <param name="Vectors">U·Σ of the first singular values: their products with each other are those of the nearest matrix of that rank.</param>
/// <param name="Error">‖A − A_k‖ ÷ ‖A‖ in the Frobenius norm: √(Σ of the σ² left out ÷ Σ of all σ²). Eckart and Young 1936.</param>
public sealed record VectorCompression(WordVectors Vectors, double Error)
{
    /// <summary>Brings vectors to a rank.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="rank">Numbers that are left of each.</param>
    /// <exception cref="ConfigurationException">More than there are.</exception>
    public static VectorCompression Of(WordVectors vectors, int rank)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (rank < 1 || rank > Math.Min(vectors.Size, vectors.Count)) throw new ConfigurationException($"The rank is {rank}; vectors of {vectors.Size} numbers of {vectors.Count} words have a rank from 1 to {Math.Min(vectors.Size, vectors.Count)}.");
        var values = Array.ConvertAll(vectors.Values.ToArray(), value => (double)value);
        var svd = TruncatedSvd.Of(new DenseMatrix(values, vectors.Count, vectors.Size), rank);
        var (all, kept) = (values.Sum(value => value * value), svd.Values.Sum(value => value * value));
        return new(new(vectors.Words, rank, [.. svd.Left.Select((value, i) => (float)(value * svd.Values[i % rank]))]), all > 0 ? Math.Sqrt(Math.Max(0, all - kept) / all) : 0);
    }
}
