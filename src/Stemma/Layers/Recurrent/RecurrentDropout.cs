using System.Text.Json.Serialization;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>What recurrent layers drop while training.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoDropout), "none")]
[JsonDerivedType(typeof(LayerDropout), "layers")]
[JsonDerivedType(typeof(VariationalDropout), "variational")]
public abstract record RecurrentDropout
{
    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this part.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path)
    {
    }

    /// <summary>What of the vectors of tokens stays: int32 [rows] and [rows, size] to the latter.</summary>
    internal virtual Tensor OfTokens(Tensor ids, Tensor vectors, in Pass pass) => vectors;

    /// <summary>What a layer reads, [rows, size].</summary>
    internal virtual Tensor BeforeLayer(Tensor x, in Pass pass, int layer) => x;

    /// <summary>What the uppermost layer gives, [rows, hidden].</summary>
    internal virtual Tensor AfterLayers(Tensor x, in Pass pass, int layerCount) => x;

    /// <summary>What of the hidden state a step's products see, [sequences, hidden] of 0 or 1 / (1 − probability); all when null.</summary>
    internal virtual Tensor? HiddenMask(in Pass pass, int layer, int hiddenSize, DType dtype, Device device) => null;
}

/// <summary>Nothing is dropped.</summary>
public sealed record NoDropout : RecurrentDropout
{
    /// <summary>The one there need be.</summary>
    internal static NoDropout Instance { get; } = new();
}

/// <summary>
/// Drops what goes from layer to layer, the first layer's input and the last one's output included, and never what goes from step to
/// step: Zaremba et al. 2014, arXiv:1409.2329, section 3.
/// </summary>
public sealed record LayerDropout : RecurrentDropout
{
    /// <summary>Probability with which an element is dropped.</summary>
    public double Probability { get; init; } = 0.5;

    /// <inheritdoc/>
    public override void Validate(string path) => Check.Probability(Probability, $"{path}.probability");

    internal override Tensor BeforeLayer(Tensor x, in Pass pass, int layer) => pass.Drop(x, Probability, (ulong)layer);

    internal override Tensor AfterLayers(Tensor x, in Pass pass, int layerCount) => pass.Drop(x, Probability, (ulong)layerCount);
}

/// <summary>
/// Drops the same elements at every step of a sequence, between steps too, and the same words wherever they stand in it: Gal and
/// Ghahramani 2016, arXiv:1512.05287, section 4. Masks are drawn for each sequence of a pass; in training over windows, for each window.
/// </summary>
/// <remarks>A layer whose hidden state is masked runs step by step, without the fused operation.</remarks>
public sealed record VariationalDropout : RecurrentDropout
{
    /// <summary>Probability with which a word of the vocabulary is dropped from a sequence.</summary>
    public double Words { get; init; } = 0.1;

    /// <summary>Probability with which a channel of a layer's input is dropped, or of the last one's output.</summary>
    public double Layers { get; init; } = 0.35;

    /// <summary>Probability with which a unit is dropped from the products with the hidden state.</summary>
    public double Steps { get; init; } = 0.25;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        Check.Probability(Words, $"{path}.words");
        Check.Probability(Layers, $"{path}.layers");
        Check.Probability(Steps, $"{path}.steps");
    }

    internal override Tensor OfTokens(Tensor ids, Tensor vectors, in Pass pass)
    {
        if (pass.Dropout is not { } stream || Words == 0) return vectors;
        var words = ids.ToArray<int>();
        var offsets = pass.Layout.QueryOffsets;
        var keep = new float[words.Length];
        for (var s = 0; s < pass.Layout.Count; s++)
        {
            var sequence = stream.Fork("words").Fork((ulong)s);
            for (var row = offsets[s]; row < offsets[s + 1]; row++) keep[row] = sequence.Uniform((ulong)words[row]) < Words ? 0 : (float)(1 / (1 - Words));
        }
        return vectors * Tensor.From(keep, [keep.Length, 1], vectors.Device).Cast(vectors.DType);
    }

    internal override Tensor BeforeLayer(Tensor x, in Pass pass, int layer) => Masked(x, pass, (ulong)layer);

    internal override Tensor AfterLayers(Tensor x, in Pass pass, int layerCount) => Masked(x, pass, (ulong)layerCount);

    internal override Tensor? HiddenMask(in Pass pass, int layer, int hiddenSize, DType dtype, Device device) =>
        pass.Dropout is { } stream && Steps > 0 ? Tensor.Full([pass.Layout.Count, hiddenSize], 1, dtype, device).Dropout(Steps, stream.Fork("steps").Fork((ulong)layer)) : null;

    private Tensor Masked(Tensor x, in Pass pass, ulong place)
    {
        if (pass.Dropout is not { } stream || Layers == 0) return x;
        var sequences = new int[x.Shape[0]];
        for (var s = 0; s < pass.Layout.Count; s++) sequences.AsSpan(pass.Layout.QueryOffsets[s]..pass.Layout.QueryOffsets[s + 1]).Fill(s);
        var mask = Tensor.Full([pass.Layout.Count, x.Shape[1]], 1, x.DType, x.Device).Dropout(Layers, stream.Fork("layers").Fork(place));
        return x * TimeSteps.Rows(mask, sequences);
    }
}
