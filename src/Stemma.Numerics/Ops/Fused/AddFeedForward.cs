using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    // Values of the hidden layer that stay in the caches between the two products, and the rows from which on packing the weights again is nothing beside multiplying.
    private const int HiddenPerChunk = 1 << 20, LeastHiddenRows = 512;

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
        var records = Tape.Records(residual, x, expand, contract, expandBias, contractBias);
        // Dropout counts rows from the first: a pass that drops is not cut.
        var chunk = records || probability > 0 ? rows.Shape[0] : Math.Min(rows.Shape[0], Math.Max(LeastHiddenRows, HiddenPerChunk / Math.Max(expand.Shape[0], 1)));
        var hidden = Tensor.Empty([chunk, expand.Shape[0]], stored, x.Device);
        (_, contract, contractBias) = ForLinear(hidden, contract, contractBias);
        residual = ForResidual(residual, x, contract);
        var sums = Rows(residual);
        var y = Tensor.Empty(sums.Shape, sums.DType, x.Device);
        if (chunk < rows.Shape[0])
        {
            for (var first = 0; first < rows.Shape[0]; first += chunk)
            {
                using var views = Memory.Scope();
                var count = Math.Min(chunk, rows.Shape[0] - first);
                var part = hidden.Slice(0, 0, count);
                activation.MatMulMap(rows.Slice(0, first, count), expand.TransposedView(), expandBias, null, part);
                x.Device.Backend.MatMulDropout(part, contract.TransposedView(), contractBias, stored, 0, stream, sums.Slice(0, first, count), y.Slice(0, first, count));
            }
            return residual.Rank == 2 ? y : y.Reshape(residual.Shape);
        }
        var before = records && activation.GradientReadsInput ? Tensor.Empty(hidden.Shape, stored, x.Device) : null;
        activation.MatMulMap(rows, expand.TransposedView(), expandBias, before, hidden);
        x.Device.Backend.MatMulDropout(hidden, contract.TransposedView(), contractBias, stored, probability, stream, sums, y);
        if (before is not null) hidden.Storage.MakeEvictable(new HiddenLayer(activation, before, hidden));
        var state = (sums, rows, expand, expandBias, contract, contractBias, hidden, before, activation, probability, stream);
        var result = Tape.Record(y, [sums, rows, expand, contract, expandBias, contractBias], [rows, expand, contract, hidden, before], state, static (s, dy) =>
        {
            var product = DropoutGradient(dy, s.hidden.DType, s.probability, s.stream);
            var dbefore = Tensor.Empty(s.hidden.Shape, s.hidden.DType, s.hidden.Device);
            // A hidden layer that was given up comes to be again beside its gradient.
            var value = s.hidden.Storage.TryRefill() ? s.hidden : null;
            s.activation.MatMulMapGradient(product, s.contract, s.before ?? s.hidden, dbefore, value);
            var dcontract = WeightGradient(product, s.hidden, s.contract);
            // Its last reader has read it.
            if (s.hidden.Storage.IsEvictable) s.hidden.Storage.Evict();
            return
            [
                s.sums.RequiresGradient ? dy : null,
                RowsGradient(dbefore, s.rows, s.expand),
                WeightGradient(dbefore, s.rows, s.expand),
                dcontract,
                BiasGradient(dbefore, s.expandBias),
                BiasGradient(product, s.contractBias),
            ];
        });
        return residual.Rank == 2 ? result : result.Reshape(residual.Shape);
    }

    /// <summary>How the hidden layer came to be from what the first product made.</summary>
    private sealed class HiddenLayer(Activation activation, Tensor before, Tensor hidden) : IRecomputation
    {
        public void Recompute() => activation.Map(before, hidden);
    }
}
