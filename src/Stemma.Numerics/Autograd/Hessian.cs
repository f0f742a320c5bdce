using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Autograd;

/// <summary>The second derivatives of a loss by its weights: a matrix as large as the square of their number, of which only products are computed.</summary>
public static class Hessian
{
    /// <summary>
    /// H·v as the gradient of ⟨∇loss, v⟩: exact, at the cost of a few gradients. Pearlmutter 1994, "Fast exact multiplication by the Hessian".
    /// </summary>
    /// <param name="loss">Computes one number from the weights.</param>
    /// <param name="weights">They require a gradient.</param>
    /// <param name="vector">Of the weights' shapes.</param>
    /// <returns>Of the weights' shapes.</returns>
    public static Tensor[] Product(Func<Tensor> loss, IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> vector)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(vector);
        if (vector.Count != weights.Count) throw new ArgumentException($"There are {weights.Count} weights and {vector.Count} parts of the vector.", nameof(vector));
        using var tape = Tape.Start(higherOrder: true);
        var gradients = tape.Backward(loss());
        Tensor? along = null;
        for (var i = 0; i < weights.Count; i++)
        {
            if (vector[i].Shape != weights[i].Shape) throw new ArgumentException($"Weight {i} has shape {weights[i].Shape}, its part of the vector {vector[i].Shape}.", nameof(vector));
            if (!gradients.TryGet(weights[i], out var gradient)) continue;
            var part = (gradient * vector[i]).Sum();
            along = along is null ? part : along + part;
        }
        // A loss that is linear in the weights has no second derivatives.
        var products = along is { RequiresGradient: true } ? tape.Backward(along) : null;
        return [.. weights.Select(weight => tape.Keep(products is not null && products.TryGet(weight, out var product) ? product : Tensor.Zeros(weight.Shape, weight.DType, weight.Device)))];
    }
}
