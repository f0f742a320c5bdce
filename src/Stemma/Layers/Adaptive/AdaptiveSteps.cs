using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// As many steps for a row as it asks for: after each step a unit says how likely the row is done, and when these numbers have summed to 1 − ε it
/// stops; its result is the mean of its states, weighted by them. Graves 2016, "Adaptive computation time", arXiv:1603.08983, section 2; over
/// Transformer blocks Dehghani et al. 2018, "Universal transformers", arXiv:1807.03819, section 2.2.
/// </summary>
/// <remarks>Rows that have stopped stay as they are for the others to read. Where no cache has to be filled, steps end when all rows have stopped.</remarks>
/// <param name="steps">One block for each step: the same object again and again, or, for a cache, blocks of one set of weights with numbers of their own.</param>
/// <param name="halting">[rows, hidden] to [rows, 1]; a bias of about 1 lets rows stop early at the beginning of training.</param>
/// <param name="epsilon">0 &lt; ε &lt; 1: lets one step be enough.</param>
public sealed class AdaptiveSteps(IReadOnlyList<Block> steps, Linear halting, double epsilon = 0.01)
{
    private readonly double _enough = epsilon is > 0 and < 1 ? 1 - epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "ε lies between 0 and 1.");

    /// <summary>Lets every row take its steps.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="ponder">Collects what steps cost; null where nobody asks.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor Forward(Tensor x, in Pass pass, PonderCost? ponder = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        var rows = x.Shape[0];
        var (running, sums, counts) = (Enumerable.Repeat(true, rows).ToArray(), new double[rows], new int[rows]);
        Tensor? output = null, remainder = null, left = null;
        for (var n = 0; n < steps.Count && (pass.Cache is not null || running.Contains(true)); n++)
        {
            var going = Mask(running, x);
            var next = steps[n].Forward(x, pass);
            x = next * going + x * (1 - going);
            var chance = halting.Forward(x, DType.Float32).Sigmoid();
            var values = chance.Detach().ToArray<float>();
            // Those that go on take the chance as their weight; those that stop take what is left of 1.
            var (goes, stops) = (new bool[rows], new bool[rows]);
            for (var row = 0; row < rows; row++)
            {
                if (!running[row]) continue;
                counts[row]++;
                stops[row] = n == steps.Count - 1 || sums[row] + values[row] >= _enough;
                goes[row] = !stops[row];
                sums[row] += values[row];
                running[row] = goes[row];
            }
            left ??= Tensor.Full([rows, 1], 1, DType.Float32, x.Device);
            var (kept, rest) = (chance * Mask(goes, chance), left * Mask(stops, chance));
            var weighted = x * (kept + rest);
            output = output is null ? weighted : output + weighted;
            remainder = remainder is null ? rest : remainder + rest;
            left -= kept;
        }
        ponder?.Add(counts, remainder ?? throw new InvalidOperationException("Adaptive computation needs at least one step."));
        return output ?? x;
    }

    private static Tensor Mask(bool[] rows, Tensor like) => Tensor.From(Array.ConvertAll(rows, row => row ? 1f : 0f), [rows.Length, 1], like.Device).Cast(like.DType);
}

/// <summary>What adaptive steps have cost: how many a row took, and what was left of 1 at its last. Graves 2016, arXiv:1603.08983, equations 10–13.</summary>
public sealed class PonderCost
{
    private readonly List<int> _steps = [];
    private readonly List<Tensor> _remainders = [];

    /// <summary>The steps of every row, in the order of passes.</summary>
    public IReadOnlyList<int> Steps => _steps;

    /// <summary>The mean over rows of steps + remainder, to be multiplied by what time costs (τ) and added to the loss. Its gradient is that of the remainder: the less is left, the sooner a row would have stopped.</summary>
    public Tensor Loss() => TensorOps.Concatenate(0, [.. _remainders]).Mean() + _steps.Average();

    internal void Add(IEnumerable<int> steps, Tensor remainder)
    {
        _steps.AddRange(steps);
        _remainders.Add(remainder);
    }
}
