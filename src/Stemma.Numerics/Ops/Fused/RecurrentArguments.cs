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
