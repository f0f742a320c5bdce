namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>What the processor's bfloat16 instructions compute: rounded to nearest even, denormal numbers taken and given as zero, whatever the control register says.</summary>
internal static class BFloat16Arithmetic
{
    /// <summary>One lane of VDPBF16PS: the pair's odd product is added first, then the even one, each fused.</summary>
    public static float DotPair(float sum, uint a, uint b) => MultiplyAdd(Low(a), Low(b), MultiplyAdd(High(a), High(b), sum));

    /// <summary>One element of TDPBF16PS: the even and the odd products of a row and a column are summed apart, then together, then to what is there.</summary>
    public static float DotRow(float sum, ReadOnlySpan<uint> row, Func<int, uint> column)
    {
        float even = 0, odd = 0;
        for (var i = 0; i < row.Length; i++)
        {
            even = MultiplyAdd(Low(row[i]), Low(column(i)), even);
            odd = MultiplyAdd(High(row[i]), High(column(i)), odd);
        }
        return Flush(Flush(sum) + Flush(even + odd));
    }

    private static float MultiplyAdd(float a, float b, float c) => Flush(MathF.FusedMultiplyAdd(Flush(a), Flush(b), Flush(c)));

    private static float Flush(float x) => float.IsSubnormal(x) ? MathF.CopySign(0, x) : x;

    private static float Low(uint pair) => BitConverter.UInt32BitsToSingle(pair << 16);

    private static float High(uint pair) => BitConverter.UInt32BitsToSingle(pair & 0xFFFF0000);
}
