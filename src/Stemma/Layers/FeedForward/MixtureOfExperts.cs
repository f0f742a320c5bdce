using System.Text.Json.Serialization;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Many feed-forward parts of which each row meets a few: a router scores them, the best are computed and summed by their shares. No row is
/// dropped. Shazeer et al. 2017, arXiv:1701.06538; Jiang et al. 2024 (Mixtral), arXiv:2401.04088, section 2.1.
/// </summary>
/// <param name="router">[rows, hidden] to [rows, experts].</param>
/// <param name="experts">The parts.</param>
/// <param name="topCount">Experts that a row meets.</param>
/// <param name="layer">The block's number.</param>
public sealed class MixtureOfExperts(Linear router, IReadOnlyList<FeedForward> experts, int topCount, int layer) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass)
    {
        var logits = pass.Observe(Site.RouterLogits, layer, router.Forward(x, DType.Float32));
        var probabilities = logits.Softmax();
        var chosen = Best(probabilities);
        pass.Balance?.Add(logits, probabilities, chosen);
        var kept = probabilities * chosen;
        var shares = kept / kept.Sum(-1, keepAxis: true);
        var rows = x.Shape[0];
        Tensor? sum = null;
        for (var expert = 0; expert < experts.Count; expert++)
        {
            var ids = Enumerable.Range(0, rows).Where(row => chosen.Span<float>()[row * experts.Count + expert] > 0).ToArray();
            if (ids.Length == 0) continue;
            var places = Tensor.From(ids, [ids.Length], x.Device);
            var output = experts[expert].Forward(x.Gather(places), pass with { Dropout = pass.Dropout?.Fork((ulong)expert) }) * shares.Slice(1, expert, 1).Gather(places);
            var placed = output.Scatter(places, rows);
            sum = sum is null ? placed : sum + placed;
        }
        return sum ?? Tensor.Zeros(x.Shape, DType.Float32, x.Device);
    }

    /// <summary>[rows, experts]: 1 for the best of each row, the lower number where two are equal, and 0 for the others.</summary>
    private Tensor Best(Tensor probabilities)
    {
        var (rows, count) = probabilities.Shape;
        var chosen = new float[rows * count];
        var values = probabilities.Detach().Contiguous().ToArray<float>();
        for (var row = 0; row < rows; row++)
        {
            var first = row * count;
            foreach (var expert in Enumerable.Range(0, count).OrderByDescending(expert => values[first + expert]).Take(topCount)) chosen[first + expert] = 1;
        }
        return Tensor.From(chosen, [rows, count], probabilities.Device);
    }
}

/// <summary><see cref="MixtureOfExperts"/> of <see cref="GatedMlp"/>, named as in Mixtral: <c>block_sparse_moe.gate</c>, <c>block_sparse_moe.experts.0.w1</c>, …</summary>
public sealed record MixtureOfExpertsConfig : FeedForwardConfig
{
    /// <summary>The gates' activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <summary>Experts of a block.</summary>
    public int ExpertCount { get; init; } = 8;

    /// <summary>Experts that a token meets.</summary>
    public int TopExpertCount { get; init; } = 2;

    /// <summary>What the loss for busy experts is multiplied by while training; 0 for none.</summary>
    public double LoadLossWeight { get; init; } = 0.001;

    /// <summary>What the loss for small router logits is multiplied by while training; 0 for none.</summary>
    public double LogitLossWeight { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override RouterLosses? RouterLosses => new(LoadLossWeight, LogitLossWeight);

    /// <inheritdoc/>
    public override FeedForward Build(IWeights block, FeedForwardSizes sizes, int layer)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(sizes);
        var scope = block["block_sparse_moe"];
        var router = scope.Linear("gate", sizes.HiddenSize, ExpertCount, sizes.Inner, hasBias: false);
        return new MixtureOfExperts(router, [.. Enumerable.Range(0, ExpertCount).Select(expert => GatedMlpConfig.Build(scope["experts"][$"{expert}"], "w1", "w3", "w2", Activation, sizes, layer))], TopExpertCount, layer);
    }

    /// <inheritdoc/>
    public override long IdleWeightCount(FeedForwardSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return 3L * (ExpertCount - TopExpertCount) * sizes.HiddenSize * sizes.IntermediateSize;
    }

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        Check.Positive(ExpertCount, $"{path}.expert_count");
        Check.Positive(TopExpertCount, $"{path}.top_expert_count");
        Check.NotNegative(LoadLossWeight, $"{path}.load_loss_weight");
        Check.NotNegative(LogitLossWeight, $"{path}.logit_loss_weight");
        if (TopExpertCount > ExpertCount) throw new ConfigurationException($"{path}.top_expert_count is {TopExpertCount}; a token cannot meet more than {path}.expert_count {ExpertCount} experts.");
    }
}
