using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>What one layer of a decoder reads of some sources: computed once, whatever the target's length.</summary>
/// <param name="Keys">[source rows, heads, head size].</param>
/// <param name="Values">[source rows, heads, head size].</param>
/// <param name="Layout">Where each source begins and ends.</param>
public sealed record SourceKeys(Tensor Keys, Tensor Values, SequenceLayout Layout)
{
    /// <summary>Rows of targets beside the rows of their sources: one to one, or all targets to the one source.</summary>
    /// <param name="targets">Where each target begins and ends.</param>
    /// <exception cref="ArgumentException">There are several sources, but not one for each target.</exception>
    internal SequenceLayout Across(SequenceLayout targets)
    {
        if (Layout.Count == 1) return SequenceLayout.Continued(targets.QueryCount, Layout.QueryCount);
        if (Layout.Count == targets.Count) return new(targets.QueryOffsets, Layout.QueryOffsets);
        throw new ArgumentException($"{targets.Count} targets do not fit {Layout.Count} sources.", nameof(targets));
    }
}
