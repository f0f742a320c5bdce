using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Training.Landscape;

/// <summary>How a loss bends where the weights are: the outermost eigenvalues of its Hessian.</summary>
/// <param name="Loss">Where the weights are.</param>
/// <param name="GradientNorm">‖∇loss‖ there; at a minimum it would be 0.</param>
/// <param name="Eigenvalues">Approximations, largest first; those at both ends are nearly right, see their residuals.</param>
/// <param name="Steepest">The direction of the largest one, of length 1.</param>
public sealed record LossCurvature(double Loss, double GradientNorm, IReadOnlyList<RitzValue> Eigenvalues, float[] Steepest)
{
    /// <summary>The largest eigenvalue λ.</summary>
    public double Sharpness => Eigenvalues[0].Value;

    /// <summary>
    /// 2/λ: above this rate plain gradient descent on these examples moves away from a minimum in the steepest direction. Training by it
    /// ends where λ is about 2/rate ("the edge of stability", Cohen et al. 2021, arXiv:2103.00065). None where nothing bends upwards.
    /// </summary>
    public double? StableRate => Sharpness > 0 ? 2 / Sharpness : null;

    /// <summary>Measures it by Lanczos's iteration on Hessian-vector products.</summary>
    /// <param name="surface">The loss.</param>
    /// <param name="iterations">Products; each keeps a vector as large as the weights.</param>
    /// <param name="random">Decides where the iteration begins.</param>
    /// <param name="progress">Told the products done.</param>
    /// <param name="cancellation">Stops between products.</param>
    public static LossCurvature Measure(LossSurface surface, int iterations, RandomStream random, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(surface);
        var lanczos = Lanczos.Run(surface.Size, iterations, (vector, result) =>
        {
            cancellation.ThrowIfCancellationRequested();
            surface.MultiplyHessian(vector, result);
        }, random, progress);
        return new(surface.Loss(), LossSurface.Length(surface.Gradient()), lanczos.Values, lanczos.Vector(0));
    }
}
