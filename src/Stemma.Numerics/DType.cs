namespace Stemma.Numerics;

/// <summary>The element type of a tensor.</summary>
public enum DType
{
    /// <summary>IEEE 754 single precision: the default for weights and activations.</summary>
    Float32,

    /// <summary>IEEE 754 double precision: for gradient checks.</summary>
    Float64,

    /// <summary>The upper half of a float32 (8 exponent bits, 7 fraction bits): storage for fast compute.</summary>
    BFloat16,

    /// <summary>32-bit signed integers: token ids and indices.</summary>
    Int32,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 => 8,
        DType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    /// <summary>Whether gradients can flow through this type.</summary>
    public static bool IsFloating(this DType type) => type is not DType.Int32;

    /// <summary>The element type that stores <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException">No tensor stores <typeparamref name="T"/>.</exception>
    public static DType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return DType.Float32;
        if (typeof(T) == typeof(double)) return DType.Float64;
        if (typeof(T) == typeof(BFloat16)) return DType.BFloat16;
        if (typeof(T) == typeof(int)) return DType.Int32;
        throw new NotSupportedException($"No tensor stores {typeof(T).Name}; the element types are float, double, BFloat16 and int.");
    }
}
