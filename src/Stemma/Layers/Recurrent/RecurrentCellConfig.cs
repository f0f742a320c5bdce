using System.Text.Json.Serialization;

namespace Stemma.Layers.Recurrent;

/// <summary>Which recurrent layers a model is made of.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LstmCellConfig), "lstm")]
[JsonDerivedType(typeof(GruCellConfig), "gru")]
public abstract record RecurrentCellConfig
{
    /// <summary>Layers of this kind, each reading the states of the one below.</summary>
    public abstract RecurrentNetwork Build(IWeights weights, int inputSize, int hiddenSize, int layerCount);
}

/// <summary><see cref="Lstm"/>.</summary>
public sealed record LstmCellConfig : RecurrentCellConfig
{
    /// <inheritdoc/>
    public override RecurrentNetwork Build(IWeights weights, int inputSize, int hiddenSize, int layerCount) => new Lstm(weights, inputSize, hiddenSize, layerCount);
}

/// <summary><see cref="Gru"/>.</summary>
public sealed record GruCellConfig : RecurrentCellConfig
{
    /// <inheritdoc/>
    public override RecurrentNetwork Build(IWeights weights, int inputSize, int hiddenSize, int layerCount) => new Gru(weights, inputSize, hiddenSize, layerCount);
}
