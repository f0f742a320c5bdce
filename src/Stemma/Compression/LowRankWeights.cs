using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;

namespace Stemma.Compression;

/// <summary>Some of a model's matrices, to be replaced by their best approximations of lower rank, and put back. Eckart &amp; Young 1936.</summary>
public sealed class LowRankWeights
{
    private readonly (Parameter Weight, float[] Original, SingularDecomposition Svd)[] _matrices;

    /// <summary>Decomposes the matrices; weights that are none stay out of it.</summary>
    /// <param name="weights">Of a model.</param>
    /// <param name="progress">Told each matrix done.</param>
    /// <param name="cancellation">Stops between matrices.</param>
    public LowRankWeights(IEnumerable<Parameter> weights, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _matrices = [.. weights.Where(weight => weight.Shape.Rank == 2).Select(weight =>
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(weight.Name);
            return (weight, weight.Value.ToArray<float>(), SingularDecomposition.Of(weight.Value));
        })];
    }

    /// <summary>Numbers in the matrices as they are.</summary>
    public long Count => _matrices.Sum(matrix => matrix.Weight.Shape.Count);

    /// <summary>Numbers in their factors at a share of the ranks; more than <see cref="Count"/> where that is no saving.</summary>
    public long CountAt(double share) => _matrices.Sum(matrix => (long)RankAt(matrix.Svd, share) * (matrix.Weight.Shape[0] + matrix.Weight.Shape[1]));

    /// <summary>How much of the matrices is lost at a share of the ranks: ‖A − A_k‖ / ‖A‖ over all of them.</summary>
    public double ErrorAt(double share)
    {
        double Squares(Func<SingularDecomposition, int> rank) => _matrices.Sum(matrix => Math.Pow(matrix.Svd.Error(rank(matrix.Svd)), 2));
        return Squares(_ => 0) is > 0 and var all ? Math.Sqrt(Squares(svd => RankAt(svd, share)) / all) : 0;
    }

    /// <summary>What a measure says of the model while every matrix has only a share of its rank; then all is put back.</summary>
    /// <param name="share">0 &lt; share ≤ 1 of the least side, at least one.</param>
    /// <param name="measure">For example a loss.</param>
    public double With(double share, Func<double> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        if (!(share is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share of the rank lies above 0 and is at most 1.");
        try
        {
            foreach (var (weight, _, svd) in _matrices)
            {
                using var scope = Memory.Scope();
                svd.Approximation(RankAt(svd, share)).Cast(DType.Float32).ToArray<float>().CopyTo(weight.Value.Span<float>());
            }
            return measure();
        }
        finally
        {
            foreach (var (weight, original, _) in _matrices) original.CopyTo(weight.Value.Span<float>());
        }
    }

    private static int RankAt(SingularDecomposition svd, double share) => Math.Clamp((int)Math.Round(share * svd.Values.Count), 1, svd.Values.Count);
}
