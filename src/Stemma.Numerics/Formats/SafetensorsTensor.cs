namespace Stemma.Numerics.Formats;

/// <summary>A tensor as a safetensors file lists it.</summary>
/// <param name="Name">For example <c>transformer.h.0.attn.c_attn.weight</c>.</param>
/// <param name="Type">The element type in the file.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Offset">Where its bytes begin, counted from the end of the header.</param>
/// <param name="ByteLength">Elements × bytes per element.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, Shape Shape, long Offset, long ByteLength);
