using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// residual + dropout(activation(x·expandᵀ + expandBias)·contractᵀ + contractBias): the feed-forward half of a Transformer block
    /// (Vaswani et al. 2017, arXiv:1706.03762, section 3.3), whose elementwise parts and their gradients are part of the products.
    /// </summary>
    /// <param name="residual">[.., output].</param>
    /// <param name="x">[.., input].</param>
    /// <param name="expand">[hidden, input].</param>
    /// <param name="expandBias">[hidden], or none.</param>
    /// <param name="activation">The function between the products.</param>
    /// <param name="contract">[output, hidden].</param>
    /// <param name="contractBias">[output], or none.</param>
    /// <param name="probability">0 ≤ p &lt; 1, see <see cref="Dropout"/>.</param>
    /// <param name="stream">A stream of its own for each use.</param>
    /// <returns>[.., output]: the bits of <see cref="Linear"/> (stored as <see cref="Device.ActivationType"/>), the activation and <see cref="AddLinear"/>.</returns>
    public static Tensor AddFeedForward(this Tensor residual, Tensor x, Tensor expand, Tensor? expandBias, Activation activation, Tensor contract, Tensor? contractBias = null, double probability = 0, RandomStream stream = default)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (Tape.IsHigherOrder) return residual.AddLinear(activation.Apply(x.Linear(expand, expandBias)), contract, contractBias, probability, stream);
        RequireDropout(probability);
        (x, expand, expandBias) = ForLinear(x, expand, expandBias);
        var (rows, stored) = (Rows(x), ProductType(expand));
        var hidden = Tensor.Empty([rows.Shape[0], expand.Shape[0]], stored, x.Device);
        (_, contract, contractBias) = ForLinear(hidden, contract, contractBias);
        residual = ForResidual(residual, x, contract);
        var sums = Rows(residual);
        Tensor[] inputs = [sums, rows, expand, contract, .. expandBias is null ? [] : (Tensor[])[expandBias], .. contractBias is null ? [] : (Tensor[])[contractBias]];
        var records = Tape.IsRecording && inputs.Any(input => input.RequiresGradient);
        var before = records && activation.GradientReadsInput ? Tensor.Empty(hidden.Shape, stored, x.Device) : null;
        var y = Tensor.Empty(sums.Shape, sums.DType, x.Device);
        activation.MatMulMap(rows, expand.TransposedView(), expandBias, before, hidden);
        x.Device.Backend.MatMulDropout(hidden, contract.TransposedView(), contractBias, stored, probability, stream, sums, y);
        if (before is not null) hidden.Storage.MakeEvictable(() => activation.Map(before, hidden));
        var result = Tape.Record(y, inputs, [rows, expand, contract, hidden, before ?? hidden], dy =>
        {
            var product = DropoutGradient(dy, stored, probability, stream);
            var dcontract = contract.RequiresGradient ? Product(product.TransposedView(), hidden, contract.DType) : null;
            // Its last reader has read it.
            if (hidden.Storage.IsEvictable) hidden.Storage.Evict();
            var dbefore = Tensor.Empty(hidden.Shape, stored, x.Device);
            activation.MatMulMapGradient(product, contract, before ?? hidden, dbefore);
            var dcontractBias = contractBias is { RequiresGradient: true } ? ColumnSum(product, contractBias.DType) : null;
            var gradients = LinearGradients(dbefore, rows, expand, expandBias);
            return [sums.RequiresGradient ? dy : null, gradients[0], gradients[1], dcontract, .. expandBias is null ? [] : (Tensor?[])[gradients[2]], .. contractBias is null ? [] : (Tensor?[])[dcontractBias]];
        });
        return residual.Rank == 2 ? result : result.Reshape(residual.Shape);
    }
}
