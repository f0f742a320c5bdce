namespace Stemma.Numerics.Backends.Profiling;

/// <summary>What was spent on one operation at one shape, and what it cannot do without.</summary>
internal sealed class OperationCost
{
    /// <summary>Calls so far.</summary>
    public int Calls { get; set; }

    /// <summary>Seconds of all calls.</summary>
    public double Seconds { get; set; }

    /// <summary>Seconds of the fastest call.</summary>
    public double BestSeconds { get; set; } = double.PositiveInfinity;

    /// <summary>Floating-point operations of all calls.</summary>
    public double Flops { get; set; }

    /// <summary>Bytes of the operands of all calls, each read or written once.</summary>
    public double Bytes { get; set; }

    /// <summary>What the factors of its products are rounded to, and so which peak it has.</summary>
    public ComputePrecision Precision { get; set; }
}
