using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>What one pass through a model needs beyond its input: x is [rows, hidden], packed; the layout holds the boundaries.</summary>
/// <param name="Layout">Where sequences begin and end.</param>
/// <param name="Cache">Keys and values of the rows before these; null when there are none.</param>
/// <param name="Dropout">Draws what is dropped; null outside training.</param>
/// <param name="Observer">Sees, and may replace, named values; null when nobody watches.</param>
/// <param name="Checkpointing">Whether blocks keep their input alone and are computed again in the backward pass, see <see cref="Numerics.Autograd.Checkpointing"/>.</param>
/// <param name="State">What a model of fixed memory starts from, a row for each sequence of the layout, and where it leaves what to go on with; it starts from nothing when null.</param>
/// <param name="Balance">Collects what routers of experts do; null where nobody asks.</param>
/// <param name="Places">The positions of rows that are not consecutive, as of a part of a sequence; null where they are.</param>
public readonly record struct Pass(SequenceLayout Layout, KvCache? Cache = null, RandomStream? Dropout = null, IObserver? Observer = null, bool Checkpointing = false, CarriedState? State = null, ExpertBalance? Balance = null, int[]? Places = null)
{
    /// <summary>The position of each row in its sequence, counted from the first token that the cache remembers.</summary>
    public ReadOnlySpan<int> Positions() => Places is not null ? Places : Cache is null ? Layout.Positions : Cache.Positions(Layout);

    /// <summary>Positions of the longest sequence, at least 1.</summary>
    internal int Longest()
    {
        var longest = 1;
        foreach (var position in Positions()) longest = Math.Max(longest, position + 1);
        return longest;
    }

    /// <summary>Whether somebody wants a value that is made for observers alone.</summary>
    public bool Watches(Site site, int layer) => Observer is not null && Observer.Watches(site, layer);

    /// <summary>Shows a value to the observer and returns what it leaves.</summary>
    public Tensor Observe(Site site, int layer, Tensor value) => Observer is null ? value : Observer.Observe(site, layer, value);

    /// <summary>Drops elements with the given probability while training; a stream of its own for each place.</summary>
    public Tensor Drop(Tensor x, double probability, ulong place) =>
        Dropout is { } stream && probability > 0 ? x.Dropout(probability, stream.Fork(place)) : x;

    /// <summary>The probability in force, which is 0 outside training, and the stream of a place.</summary>
    public (double Probability, RandomStream Stream) Dropped(double probability, ulong place) =>
        Dropout is { } stream && probability > 0 ? (probability, stream.Fork(place)) : default;

    /// <summary>
    /// Opens the memory scope of a block, whose temporaries go back to the pool when it ends and whose result has to be kept; none
    /// where an observer may hold on to what it sees.
    /// </summary>
    public MemoryScope? Scope() => Observer is null ? Memory.Scope() : null;
}
