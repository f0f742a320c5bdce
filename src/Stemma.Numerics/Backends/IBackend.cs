using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends;

/// <summary>
/// All that a device owes. Operations decide shapes, allocate outputs and record gradients; a backend only computes. Unless said
/// otherwise, tensors are float32 or float64 (all of one type), contiguous, of the shapes stated, and outputs do not overlap
/// inputs except where the same tensor is passed for both. Where <see cref="Device.ActivationType"/> is bfloat16, maps and their gradients,
/// what a norm gives, the gradient it is given, and what dropout reads and writes beside a float32 residual may be bfloat16. An output row depends on its own inputs alone: not on the rows
/// around it, nor on the thread count.
/// </summary>
internal interface IBackend
{
    /// <summary>y = x, converting the element type. Any layouts; x broadcasts to y.</summary>
    void Copy(Tensor x, Tensor y);

    /// <summary>y += x. y may have any layout without repeats; x any.</summary>
    void Accumulate(Tensor x, Tensor y);

    /// <summary>y = x · scale + shift.</summary>
    void Affine(Tensor x, double scale, double shift, Tensor y);

    /// <summary>y = min(max(x, low), high).</summary>
    void Clamp(Tensor x, double low, double high, Tensor y);

    /// <summary>y = kernel(x).</summary>
    void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel;

    /// <summary>dx = kernel's gradient; may be dy.</summary>
    void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel;

    /// <summary>y = kernel(a, b). Any layouts; a and b broadcast to y.</summary>
    void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel;

    /// <summary>y[outer, inner] = the reduction of x[outer, length, inner] over the middle axis. The sum of bfloat16 rows (outer = 1) is float32.</summary>
    void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel;

    /// <summary>The sum of squares, accumulated in float64.</summary>
    double SumOfSquares(Tensor x);

    /// <summary>c = a·b (+ c) (+ bias on every row). a [.., m, k], b [.., k, n], c [.., m, n]; a and b of any layout, batch axes broadcast to c's, whose rows may lie apart. Each of a, b and c may be bfloat16 where the others are float32 or bfloat16: sums are float32, and c is rounded once.</summary>
    void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate);

    /// <summary>y = kernel(a·b + bias), and the product itself where wanted. a [m, k] and b [k, n] of any layout, y and product [m, n]; bits are those of <see cref="MatMul"/> into y's type and <see cref="Map"/>.</summary>
    void MatMulMap<TKernel>(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) where TKernel : struct, IActivationKernel;

    /// <summary>dx = kernel's gradient at x and y where dy is a·b, and kernel(x) where wanted. Shapes and bits as <see cref="MatMulMap"/> and <see cref="Map"/>; dx is neither x nor y.</summary>
    void MatMulMapGradient<TKernel>(Tensor a, Tensor b, Tensor x, Tensor y, Tensor dx, Tensor? value) where TKernel : struct, IActivationKernel;

    /// <summary>y = residual + dropout(a·b + bias). Shapes as <see cref="MatMulMap"/>; bits are those of <see cref="MatMul"/> into a tensor of the product's type and <see cref="Dropout"/>. y is not residual.</summary>
    void MatMulDropout(Tensor a, Tensor b, Tensor? bias, DType product, double probability, RandomStream stream, Tensor residual, Tensor y);

    /// <summary>y[i, :] = table[ids[i], :].</summary>
    void Gather(Tensor table, Tensor ids, Tensor y);

    /// <summary>table[ids[i], :] += dy[i, :], in the order of i.</summary>
    void ScatterAdd(Tensor dy, Tensor ids, Tensor table);

    /// <summary>Softmax of each row of x [rows, n].</summary>
    void Softmax(Tensor x, Tensor y);

    /// <summary>dx = y ⊙ (dy − Σ y·dy).</summary>
    void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx);

    /// <summary>Log-softmax of each row of x [rows, n].</summary>
    void LogSoftmax(Tensor x, Tensor y);

    /// <summary>dx = dy − exp(y)·Σ dy.</summary>
    void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx);

    /// <summary>y = (x − mean)·rstd·weight + bias for each row of x [rows, n]; saves mean and rstd [rows].</summary>
    void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd);

    /// <summary>The gradients of <see cref="LayerNorm"/>; dx (+ dx); dweight and dbias [n] where wanted; dx may be dy unless it is added to.</summary>
    void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, bool accumulate, Tensor? dweight, Tensor? dbias);

    /// <summary>y = x·rrms·weight for each row of x [rows, n]; saves rrms [rows].</summary>
    void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms);

    /// <summary>The gradients of <see cref="RmsNorm"/>; dx (+ dx); dx may be dy unless it is added to.</summary>
    void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, bool accumulate, Tensor dweight);

    /// <summary>y = (residual +) x with each element zero with the given probability and otherwise divided by 1 − probability.</summary>
    void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y);

    /// <summary>Losses [rows] of logits [rows, vocab] in nats, 0 where ignored; where wanted, gradient = scale · ∂loss/∂logits (may be logits itself).</summary>
    void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient);

    /// <summary>Attention over heads, see <see cref="AttentionArguments"/>; saves the log-sum-exp of each query's scores [tokens, heads].</summary>
    void Attention(in AttentionArguments arguments, Tensor y, Tensor logSumExp);

    /// <summary>Room for <see cref="Attention"/> to note which weights its dropout keeps, for <see cref="AttentionGradient"/> to read; null where that saves nothing.</summary>
    Tensor? RoomForKept(in AttentionArguments arguments) => null;

    /// <summary>The gradients of <see cref="Attention"/> with respect to queries, keys and values, of any strides but contiguous within a head, and to the bias by distance where wanted.</summary>
    void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias);

    /// <summary>y = x [rows, heads, size] with its first channels turned in pairs by angles [rows, pairs], or back: y·cos − its partner·sin. Any strides, but contiguous within a head; y is not x.</summary>
    void Rotate(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y);

    /// <summary>
    /// Walks over time from the gates' inputs [rows, gates · hidden], which become their values; memory [rows, hidden], where the cell keeps
    /// one, receives it. Rows of both may lie apart. y [rows + sequences (+ sequences), hidden]: every state, the last of each sequence, the last cells.
    /// </summary>
    void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell;

    /// <summary>
    /// Walks back: gates and memory, as <see cref="Recur"/> left them, become the gradients of the gates' inputs and, where the cell scales
    /// a product, of that.
    /// </summary>
    void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients) where TCell : struct, IRecurrentCell;

    /// <summary>One step of AdamW (decoupled decay) or Adam (decay added to the gradient) for all of these weights, in place, in one pass.</summary>
    void Adam(in AdamArguments arguments, ReadOnlySpan<AdamWeight> weights);

    /// <summary>One step of gradient descent with optional momentum, in place.</summary>
    void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity);
}
