using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Predicts masked tokens from both sides. Devlin et al. 2018, arXiv:1810.04805, section 3.1; with Taylor 1953's name, a cloze.</summary>
public sealed class MaskedLanguageModel : EncoderTask
{
    private readonly MaskedHead _head;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public MaskedLanguageModel(EncoderConfig config, IWeights weights) : base(config, weights) => _head = config.BuildMaskedHead(Encoder, weights);

    internal override string ClassSuffix => "ForMaskedLM";

    /// <summary>The logits of every row, [rows, vocabulary].</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Logits(Tensor tokens, Tensor? types, in Pass pass) => _head.Logits(Encoder.Encode(tokens, types, pass));

    /// <summary>The logits of final hidden states, [rows, vocabulary].</summary>
    internal Tensor Project(Tensor hidden) => _head.Logits(hidden);

    /// <summary>The mean cross-entropy of the targets, in nats per token.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="targets">int32 [rows]; <see cref="TensorOps.IgnoreIndex"/> where nothing is to be predicted: those rows are not projected.</param>
    /// <param name="pass">Layout, dropout, observers.</param>
    /// <param name="divisor">Divides the sum; the number of rows that count when null.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, Tensor targets, in Pass pass, double? divisor = null) => Loss(_head, Encoder.Encode(tokens, types, pass), targets, divisor);

    internal static Tensor Loss(MaskedHead head, Tensor hidden, Tensor targets, double? divisor)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var all = targets.Span<int>();
        var rows = new List<int>();
        for (var row = 0; row < all.Length; row++)
            if (all[row] != TensorOps.IgnoreIndex) rows.Add(row);
        if (rows.Count == all.Length) return head.Loss(hidden, targets, divisor);
        int[] wanted = [.. rows], counted = new int[wanted.Length];
        for (var i = 0; i < wanted.Length; i++) counted[i] = all[wanted[i]];
        return head.Loss(hidden.Gather(Tensor.From(wanted, [wanted.Length], hidden.Device)), Tensor.From(counted, [counted.Length], hidden.Device), divisor);
    }
}
