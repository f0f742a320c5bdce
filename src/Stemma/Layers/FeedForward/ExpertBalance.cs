using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>What a pass's routers did: from it come the losses that keep experts busy alike and router logits small.</summary>
public sealed class ExpertBalance
{
    private readonly List<Tensor> _logits = [], _probabilities = [], _chosen = [], _choices = [];

    /// <summary>How often a row was to meet an expert.</summary>
    public long ChosenCount { get; private set; }

    /// <summary>How often the expert had no room for it.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>Adds a layer's routing.</summary>
    /// <param name="logits">[rows, experts].</param>
    /// <param name="probabilities">[rows, experts].</param>
    /// <param name="assignment">What was decided.</param>
    internal void Add(Tensor logits, Tensor probabilities, ExpertAssignment assignment)
    {
        _logits.Add(logits);
        _probabilities.Add(probabilities);
        _chosen.Add(assignment.Chosen);
        ChosenCount += assignment.ChosenCount;
        DroppedCount += assignment.DroppedCount;
    }

    /// <summary>experts · Σ (share of rows) · (mean probability), over all layers' rows: least where all experts have equal shares. Fedus et al. 2021 (Switch), arXiv:2101.03961, equations 4–6; summed over the experts a row meets, as in the Mixtral of Hugging Face.</summary>
    public Tensor LoadLoss()
    {
        var share = TensorOps.Concatenate(0, [.. _chosen]).Mean(0);
        var probability = TensorOps.Concatenate(0, [.. _probabilities]).Mean(0);
        return (share * probability).Sum() * (double)share.Shape[0];
    }

    /// <summary>Adds which rows a block has computed.</summary>
    /// <param name="weights">The router's, [rows, 1].</param>
    /// <param name="chosen">The rows that went through.</param>
    internal void Add(Tensor weights, int[] chosen)
    {
        var target = new float[weights.Shape[0]];
        foreach (var row in chosen) target[row] = 1;
        // −log σ(±w) = log(1 + exp(∓w)), as the log-sum-exp of 0 and ∓w.
        var signed = weights * Tensor.From(Array.ConvertAll(target, value => 1 - 2 * value), [target.Length, 1], weights.Device);
        _choices.Add(TensorOps.Concatenate(1, [Tensor.Zeros(signed.Shape, signed.DType, signed.Device), signed]).LogSumExp());
    }

    /// <summary>The mean cross-entropy of σ(weight) with whether the row went through a <see cref="MixtureOfDepths"/>: teaches a row to know by itself whether it is among the chosen. Raposo et al. 2024, arXiv:2404.02258, section 3.5.</summary>
    public Tensor ChoiceLoss() => TensorOps.Concatenate(0, [.. _choices]).Mean();

    /// <summary>The mean square of the logits' log-sum-exp. Zoph et al. 2022 (ST-MoE), arXiv:2202.08906, equation 5.</summary>
    public Tensor LogitLoss() => TensorOps.Concatenate(0, [.. _logits]).LogSumExp().Square().Mean();
}

/// <summary>What routers add to the loss while training.</summary>
/// <param name="Load">Multiplies <see cref="ExpertBalance.LoadLoss"/>; 0 for none.</param>
/// <param name="Logit">Multiplies <see cref="ExpertBalance.LogitLoss"/>; 0 for none.</param>
/// <param name="ReportsLoad">Whether the loss for busy experts is part of the loss outside training too.</param>
public sealed record RouterLosses(double Load, double Logit, bool ReportsLoad = false);
