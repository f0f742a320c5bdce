using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// Two networks over the same rows, one from each end, side by side. Schuster and Paliwal 1997, "Bidirectional recurrent neural
/// networks". Several of them, each of one layer, stack as they do in PyTorch.
/// </summary>
/// <param name="forward">Reads from the first row to the last.</param>
/// <param name="backward">Reads from the last row to the first.</param>
public sealed class Bidirectional(RecurrentNetwork forward, RecurrentNetwork backward)
{
    /// <summary>Runs over the rows of every sequence, which must be whole: what comes after is not known beforehand.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="pass">Where the rows of each sequence begin and end; an observer, to whom layers of the backward network have the numbers after those of the forward one.</param>
    /// <returns>[rows, forward hidden + backward hidden]: of each row, what has been read up to it from either end.</returns>
    public Tensor Forward(Tensor x, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        var mirror = new int[pass.Layout.QueryCount];
        for (var s = 0; s < pass.Layout.Count; s++)
        {
            var (first, end) = (pass.Layout.QueryOffsets[s], pass.Layout.QueryOffsets[s + 1]);
            for (var row = first; row < end; row++) mirror[row] = first + end - 1 - row;
        }
        var (ahead, _) = forward.Forward(x, pass);
        var (behind, _) = backward.Forward(TimeSteps.Rows(x, mirror), pass.Observer is { } observer ? pass with { Observer = new Behind(observer, forward.Layers.Count) } : pass);
        return TensorOps.Concatenate(1, ahead, TimeSteps.Rows(behind, mirror));
    }

    private sealed class Behind(IObserver observer, int layers) : IObserver
    {
        public Tensor Observe(Site site, int layer, Tensor value) => observer.Observe(site, layers + layer, value);
    }
}
