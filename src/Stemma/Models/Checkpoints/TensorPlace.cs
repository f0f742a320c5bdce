namespace Stemma.Models.Checkpoints;

/// <summary>Where a checkpoint keeps a weight.</summary>
/// <param name="Name">The tensor's name in the file.</param>
/// <param name="Transposed">Whether a matrix stands there as [input, output] instead of [output, input].</param>
public readonly record struct TensorPlace(string Name, bool Transposed);
