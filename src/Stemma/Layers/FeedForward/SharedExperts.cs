using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>
/// A part that every row meets, beside a mixture whose experts can then leave to it what all rows need: shared(x) + routed(x). Dai et al. 2024
/// (DeepSeekMoE), arXiv:2401.06066, section 3.2.
/// </summary>
/// <param name="shared">Every row's; several shared experts are one as wide as all.</param>
/// <param name="routed">The mixture.</param>
/// <param name="layer">The block's number.</param>
public sealed class SharedExperts(FeedForward shared, MixtureOfExperts routed, int layer) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass)
    {
        var inside = SelectedSites.Inside(pass, Site.MlpOutput);
        // The experts of the mixture drop by the streams 0, 1, …
        var sum = shared.Forward(x, inside with { Dropout = pass.Dropout?.Fork("shared") }) + routed.Forward(x, inside);
        return pass.Observe(Site.MlpOutput, layer, sum);
    }
}
