using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Watches named values inside a model, and may replace them.</summary>
public interface IObserver
{
    /// <summary>
    /// Whether a value is wanted that a pass makes for observers alone: <see cref="Site.Scores"/>, <see cref="Site.Pattern"/>,
    /// <see cref="Site.HeadResults"/>, the same of sources, and <see cref="Site.ExpertResults"/>. Unless asked for they are never made; all
    /// others are shown anyway.
    /// </summary>
    /// <param name="site">What the value is.</param>
    /// <param name="layer">The block's number, from 0.</param>
    bool Watches(Site site, int layer) => false;

    /// <summary>Called at each site of each layer.</summary>
    /// <param name="site">What the value is.</param>
    /// <param name="layer">The block's number, from 0.</param>
    /// <param name="value">The value; its rows are the pass's.</param>
    /// <returns>The value to go on with, normally the same.</returns>
    Tensor Observe(Site site, int layer, Tensor value);
}
