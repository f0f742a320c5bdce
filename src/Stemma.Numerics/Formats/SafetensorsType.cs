namespace Stemma.Numerics.Formats;

/// <summary>The element types of the safetensors format.</summary>
public enum SafetensorsType
{
    /// <summary>A truth value in a byte.</summary>
    BOOL,

    /// <summary>Unsigned, 8 bits.</summary>
    U8,

    /// <summary>Signed, 8 bits.</summary>
    I8,

    /// <summary>Floating point, 5 exponent and 2 fraction bits (<c>F8_E5M2</c>). Micikevicius et al. 2022, arXiv:2209.05433.</summary>
    F8E5M2,

    /// <summary>Floating point, 4 exponent and 3 fraction bits (<c>F8_E4M3</c>). Micikevicius et al. 2022, arXiv:2209.05433.</summary>
    F8E4M3,

    /// <summary>Unsigned, 16 bits.</summary>
    U16,

    /// <summary>Signed, 16 bits.</summary>
    I16,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>Brain floating point, see <see cref="BFloat16"/>.</summary>
    BF16,

    /// <summary>Unsigned, 32 bits.</summary>
    U32,

    /// <summary>Signed, 32 bits.</summary>
    I32,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>Unsigned, 64 bits.</summary>
    U64,

    /// <summary>Signed, 64 bits.</summary>
    I64,

    /// <summary>IEEE 754 double precision.</summary>
    F64,
}

/// <summary>Facts about safetensors' element types.</summary>
public static class SafetensorsTypes
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.F8E4M3 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };

    /// <summary>The type's name in the format.</summary>
    public static string Name(this SafetensorsType type) => type switch
    {
        SafetensorsType.F8E5M2 => "F8_E5M2",
        SafetensorsType.F8E4M3 => "F8_E4M3",
        _ => type.ToString(),
    };

    /// <summary>How a tensor's element type is called in the format.</summary>
    public static SafetensorsType Of(DType type) => type switch
    {
        DType.Float32 => SafetensorsType.F32,
        DType.Float64 => SafetensorsType.F64,
        DType.BFloat16 => SafetensorsType.BF16,
        DType.Int32 => SafetensorsType.I32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };
}
