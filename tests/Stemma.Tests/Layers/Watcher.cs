using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Tests.Layers;

/// <summary>Sees everything, what is made for observers alone included, and puts other values in the place of some.</summary>
internal sealed class Watcher : IObserver
{
    public Dictionary<(Site Site, int Layer), Tensor> Seen { get; } = [];

    public Dictionary<Site, Func<Tensor, Tensor>> Replaced { get; } = [];

    public Tensor this[Site site, int layer = 0] => Seen[(site, layer)];

    public bool Watches(Site site, int layer) => true;

    public Tensor Observe(Site site, int layer, Tensor value)
    {
        Seen[(site, layer)] = value;
        return Replaced.TryGetValue(site, out var replace) ? replace(value) : value;
    }
}
