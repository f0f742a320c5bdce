using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Models.NGram;

/// <summary>What the counts after one context come to.</summary>
/// <param name="Denominator">Divides them.</param>
/// <param name="Lower">The weight of the lower order.</param>
internal readonly record struct ContextSums(double Denominator, double Lower)
{
    /// <summary>A context that passes on to the lower order as it is.</summary>
    public static ContextSums Empty => new(double.PositiveInfinity, 1);

    /// <summary>The sums of a context's n-grams.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ContextSums Of(List<ContextNGram> group, in OrderParameters parameters)
    {
        var builder = new Builder();
        foreach (ref readonly var gram in CollectionsMarshal.AsSpan(group)) builder.Add(new CountedNGram(default, gram.Count));
        return builder.Sums(parameters);
    }

    /// <summary>An n-gram's own share.</summary>
    public double Own(ulong count, in OrderParameters parameters) => (count - parameters.Of(count)) / Denominator;

    /// <summary>Adds counts one by one. Integers are summed, so that the order of adding does not matter.</summary>
    public struct Builder
    {
        private ulong _total;
        private ulong _pruned;
        private long _types;
        private long _ones;
        private long _twos;
        private long _more;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(in CountedNGram gram)
        {
            var count = gram.FullCount;
            if (count == 0) return;
            _total += count;
            _types++;
            if (gram.IsPruned) _pruned += count;
            else if (count == 1) _ones++;
            else if (count == 2) _twos++;
            else _more++;
        }

        /// <summary>The lower order gets what discounts took, what is reserved, and what pruned n-grams had.</summary>
        public readonly ContextSums Sums(in OrderParameters parameters)
        {
            var reserve = (parameters.PerType * _types) + parameters.Constant;
            var taken = (parameters.One * _ones) + (parameters.Two * _twos) + (parameters.ThreeOrMore * _more);
            var denominator = _total + reserve;
            return denominator > 0 ? new(denominator, (taken + _pruned + reserve) / denominator) : Empty;
        }
    }
}
