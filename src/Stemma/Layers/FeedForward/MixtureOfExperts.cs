using System.Text.Json.Serialization;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Many feed-forward parts of which each row meets a few: a router scores them, a routing sends rows to experts, and what these give is summed
/// by the rows' shares. Shazeer et al. 2017, arXiv:1701.06538, section 2.
/// </summary>
/// <param name="router">[rows, hidden] to [rows, experts].</param>
/// <param name="experts">The parts.</param>
/// <param name="routing">Who meets whom.</param>
/// <param name="layer">The block's number.</param>
public sealed class MixtureOfExperts(Linear router, IReadOnlyList<FeedForward> experts, ExpertRouting routing, int layer) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass)
    {
        var logits = pass.Observe(Site.RouterLogits, layer, router.Forward(x, DType.Float32));
        var probabilities = logits.Softmax();
        var assignment = routing.Assign(probabilities);
        pass.Balance?.Add(logits, probabilities, assignment);
        var shares = pass.Observe(Site.ExpertShares, layer, assignment.Shares);
        var inside = SelectedSites.Inside(pass, Site.MlpOutput);
        var results = pass.Watches(Site.ExpertResults, layer) ? new List<Tensor>() : null;
        var (rows, hidden) = x.Shape;
        Tensor? sum = null;
        for (var expert = 0; expert < experts.Count; expert++)
        {
            var ids = assignment.Rows[expert];
            if (ids.Length == 0)
            {
                results?.Add(Tensor.Zeros([rows, 1, hidden], DType.Float32, x.Device));
                continue;
            }
            var places = Tensor.From(ids, [ids.Length], x.Device);
            var output = experts[expert].Forward(x.Gather(places), inside with { Dropout = pass.Dropout?.Fork((ulong)expert) }) * shares.Slice(1, expert, 1).Gather(places);
            var placed = output.Scatter(places, rows);
            results?.Add(placed.Reshape([rows, 1, hidden]));
            sum = sum is null ? placed : sum + placed;
        }
        if (results is not null)
        {
            var made = TensorOps.Concatenate(1, [.. results]);
            var seen = pass.Observe(Site.ExpertResults, layer, made);
            if (!ReferenceEquals(seen, made)) sum = seen.Sum(1);
        }
        return pass.Observe(Site.MlpOutput, layer, sum ?? Tensor.Zeros(x.Shape, DType.Float32, x.Device));
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

    /// <summary>Room of an expert, in equal shares of all choices: 1.25 leaves a quarter to spare, and who finds an expert full is not computed there; 0 for as much room as is wanted.</summary>
    public double CapacityFactor { get; init; }

    /// <summary>Experts that every token meets, beside those it is sent to.</summary>
    public int SharedExpertCount { get; init; }

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
        FeedForward Expert(IWeights place) => GatedMlpConfig.Build(place, "w1", "w3", "w2", Activation, sizes, layer);
        ExpertRouting routing = CapacityFactor > 0 ? new LimitedExperts(TopExpertCount, CapacityFactor) : new TopExperts(TopExpertCount);
        var mixture = new MixtureOfExperts(router, [.. Enumerable.Range(0, ExpertCount).Select(expert => Expert(scope["experts"][$"{expert}"]))], routing, layer);
        if (SharedExpertCount == 0) return mixture;
        var wide = sizes with { IntermediateSize = SharedExpertCount * sizes.IntermediateSize };
        return new SharedExperts(GatedMlpConfig.Build(scope["shared_experts"], "gate_proj", "up_proj", "down_proj", Activation, wide, layer), mixture, layer);
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
        Check.NotNegative(CapacityFactor, $"{path}.capacity_factor");
        Check.NotNegative(SharedExpertCount, $"{path}.shared_expert_count");
        Check.NotNegative(LoadLossWeight, $"{path}.load_loss_weight");
        Check.NotNegative(LogitLossWeight, $"{path}.logit_loss_weight");
        if (TopExpertCount > ExpertCount) throw new ConfigurationException($"{path}.top_expert_count is {TopExpertCount}; a token cannot meet more than {path}.expert_count {ExpertCount} experts.");
    }
}
