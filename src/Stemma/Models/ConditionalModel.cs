using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>An encoder–decoder with weights: what training and checkpoints need beyond <see cref="IConditionalModel"/>.</summary>
public abstract class ConditionalModel : IConditionalModel
{
    /// <summary>The model's weights, in the order of its construction.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Weights that training leaves alone; saved beside the others.</summary>
    public virtual IReadOnlyList<Parameter> Constants => [];

    /// <summary>What the model was built from.</summary>
    public abstract ConditionalModelConfig Config { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device => Parameters[0].Value.Device;

    /// <summary>The mean cross-entropy of the targets, in nats per token.</summary>
    /// <param name="batch">Sources and targets.</param>
    /// <param name="dropout">Draws what is dropped; null outside training.</param>
    /// <param name="labelSmoothing">ε in [0, 1): how much of the target's probability is spread over all tokens.</param>
    /// <param name="divisor">Divides the sum over target tokens; their number when null.</param>
    public abstract Tensor Loss(PairBatch batch, RandomStream? dropout = null, double labelSmoothing = 0, double? divisor = null);

    /// <summary>The logits of every target row, [rows, target vocabulary].</summary>
    /// <param name="batch">Sources, and what the decoder reads.</param>
    public abstract Tensor Logits(PairBatch batch);

    /// <summary>The inputs of a batch with some tokens replaced by what the model itself would have said.</summary>
    /// <param name="batch">Sources and targets.</param>
    /// <param name="probability">With which a token is the model's own, 0 to 1.</param>
    /// <param name="random">Draws.</param>
    /// <remarks>
    /// Scheduled sampling, Bengio et al. 2015, arXiv:1506.03099: the decoder learns to go on from its own mistakes. Each token is drawn from
    /// the distribution that the mixture so far leads to; no gradient goes through the draw.
    /// </remarks>
    public abstract PairBatch Mixed(PairBatch batch, double probability, RandomStream random);

    /// <summary>Floating-point operations of one training step (forward and backward), attention's scores left out.</summary>
    public abstract double TrainingFlops(int sourceTokens, int targetTokens);

    /// <inheritdoc/>
    public abstract ILanguageModel Given(ReadOnlyMemory<int> source);
}
