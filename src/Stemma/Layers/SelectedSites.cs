using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>An observer of a part that is inside another one: what the outer part shows itself, the inner one does not.</summary>
/// <param name="observer">Sees the rest.</param>
/// <param name="outer">What the outer part shows.</param>
internal sealed class SelectedSites(IObserver observer, params Site[] outer) : IObserver
{
    /// <summary>The pass of the inner part.</summary>
    public static Pass Inside(in Pass pass, params Site[] outer) => pass.Observer is { } observer ? pass with { Observer = new SelectedSites(observer, outer) } : pass;

    public bool Watches(Site site, int layer) => !outer.Contains(site) && observer.Watches(site, layer);

    public Tensor Observe(Site site, int layer, Tensor value) => outer.Contains(site) ? value : observer.Observe(site, layer, value);
}
