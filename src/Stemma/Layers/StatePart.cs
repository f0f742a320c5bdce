using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>A part of what a model remembers of a sequence; zero where it has seen nothing.</summary>
/// <param name="Name">For example <c>layer.0.cell</c>; names it in checkpoints.</param>
/// <param name="Size">Numbers per sequence.</param>
/// <param name="DType">Their type.</param>
public sealed record StatePart(string Name, int Size, DType DType);
