using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>What a pass's routers did: from it come the losses that keep experts busy alike and router logits small.</summary>
public sealed class ExpertBalance
{
    private readonly List<Tensor> _logits = [], _probabilities = [], _chosen = [];

    /// <summary>Adds a layer's routing.</summary>
    /// <param name="logits">[rows, experts].</param>
    /// <param name="probabilities">[rows, experts].</param>
    /// <param name="chosen">[rows, experts]: 1 for experts that a row meets.</param>
    internal void Add(Tensor logits, Tensor probabilities, Tensor chosen)
    {
        _logits.Add(logits);
        _probabilities.Add(probabilities);
        _chosen.Add(chosen);
    }

    /// <summary>experts · Σ (share of rows) · (mean probability), over all layers' rows: least where all experts have equal shares. Fedus et al. 2021 (Switch), arXiv:2101.03961, equations 4–6; summed over the experts a row meets, as in the Mixtral of Hugging Face.</summary>
    public Tensor LoadLoss()
    {
        var share = TensorOps.Concatenate(0, [.. _chosen]).Mean(0);
        var probability = TensorOps.Concatenate(0, [.. _probabilities]).Mean(0);
        return (share * probability).Sum() * (double)share.Shape[0];
    }

    /// <summary>The mean square of the logits' log-sum-exp. Zoph et al. 2022 (ST-MoE), arXiv:2202.08906, equation 5.</summary>
    public Tensor LogitLoss() => TensorOps.Concatenate(0, [.. _logits]).LogSumExp().Square().Mean();
}

/// <summary>What routers add to the loss while training.</summary>
/// <param name="Load">Multiplies <see cref="ExpertBalance.LoadLoss"/>; 0 for none.</param>
/// <param name="Logit">Multiplies <see cref="ExpertBalance.LogitLoss"/>; 0 for none.</param>
/// <param name="ReportsLoad">Whether the loss for busy experts is part of the loss outside training too.</param>
public sealed record RouterLosses(double Load, double Logit, bool ReportsLoad = false);
