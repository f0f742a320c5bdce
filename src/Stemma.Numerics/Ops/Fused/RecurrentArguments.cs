namespace Stemma.Numerics.Ops;

/// <summary>What a recurrence is computed from beside its gates' inputs.</summary>
/// <param name="Layout">Where the rows of each sequence begin and end.</param>
/// <param name="Weight">[gates · hidden, hidden]: multiplies the hidden state.</param>
/// <param name="Bias">[gates · hidden] of the products, or none.</param>
/// <param name="Hidden">[sequences, hidden]: the state before the first rows.</param>
/// <param name="Cell">[sequences, hidden] where the cell has one.</param>
internal readonly record struct RecurrentArguments(SequenceLayout Layout, Tensor Weight, Tensor? Bias, Tensor Hidden, Tensor? Cell)
{
    /// <summary>Units.</summary>
    public int HiddenSize => Weight.Shape[1];
}

/// <summary>The gradients of a recurrence: of its results, and where wanted of what it was computed from.</summary>
/// <param name="Output">Of y, given.</param>
/// <param name="Hidden">[sequences, hidden].</param>
/// <param name="Cell">[sequences, hidden].</param>
/// <param name="InputBias">[gates · hidden]: the sum over rows of the gradients of the gates' inputs.</param>
/// <param name="ProductBias">[gates · hidden]: the same of their products, where the cell scales one of them; else those are equal.</param>
internal readonly record struct RecurrentGradients(Tensor Output, Tensor? Hidden, Tensor? Cell, Tensor? InputBias, Tensor? ProductBias);
