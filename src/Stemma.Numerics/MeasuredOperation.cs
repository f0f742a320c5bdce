namespace Stemma.Numerics;

/// <summary>One operation at one shape, as fast as it was seen.</summary>
/// <param name="Operation">For people: <c>matmul</c>, <c>layer norm</c>.</param>
/// <param name="Shape">For people: <c>16384x1152x384 NT</c>.</param>
/// <param name="Precision">What the factors of its products are rounded to.</param>
/// <param name="Flops">Floating-point operations of a call.</param>
/// <param name="Bytes">Bytes of its operands, each read or written once: what it must move at least.</param>
/// <param name="Seconds">The fastest call.</param>
public sealed record MeasuredOperation(string Operation, string Shape, ComputePrecision Precision, double Flops, double Bytes, double Seconds)
{
    /// <summary>Operations per byte.</summary>
    public double Intensity => Flops / Bytes;

    /// <summary>Operations per second.</summary>
    public double FlopsPerSecond => Flops / Seconds;

    /// <summary>Bytes per second.</summary>
    public double BytesPerSecond => Bytes / Seconds;
}
