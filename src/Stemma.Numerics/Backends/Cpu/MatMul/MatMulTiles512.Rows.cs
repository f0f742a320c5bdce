using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>A few rows against a transposed B, without packing: each 16×16 block of B is transposed in registers and used at once.</summary>
internal readonly unsafe partial struct MatMulTiles512
{
    public static int UnpackedRows => 4;

    public static int UnpackedColumns => Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ComputeUnpacked<TRounding>(int rows, nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, float* bias, bool add)
        where TRounding : struct, IRounding
    {
        if (rows == 1)
        {
            var sum = OneRow<TRounding>(depth, a, b, bStride);
            Finish(sum, c, bias, add);
            return;
        }
        // A row that is not there repeats the last one.
        float* a1 = a + aStride, a2 = a + Math.Min(2, rows - 1) * aStride, a3 = a + Math.Min(3, rows - 1) * aStride;
        FourRows<TRounding>(depth, a, a1, a2, a3, b, bStride, out var s0, out var s1, out var s2, out var s3);
        Finish(s0, c, bias, add);
        Finish(s1, c + cStride, bias, add);
        if (rows > 2)
            Finish(s2, c + 2 * cStride, bias, add);
        if (rows > 3)
            Finish(s3, c + 3 * cStride, bias, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector512<float> sum, float* c, float* bias, bool add)
    {
        if (add)
            sum = Vector512.Load(c) + sum;
        if (bias != null)
            sum += Vector512.Load(bias);
        sum.Store(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> OneRow<TRounding>(nint depth, float* a, float* b, nint bStride) where TRounding : struct, IRounding
    {
        var at = stackalloc float*[Lanes];
        for (var line = 0; line < Lanes; line++)
            at[line] = b + line * bStride;
        var sum = Vector512<float>.Zero;
        nint k = 0;
        for (; k + 16 <= depth; k += 16)
        {
            Gather16<TRounding>(at, k, out var p0, out var p1, out var p2, out var p3);
            Gather16<TRounding>(at + 1, k, out var q0, out var q1, out var q2, out var q3);
            Gather16<TRounding>(at + 2, k, out var r0, out var r1, out var r2, out var r3);
            Gather16<TRounding>(at + 3, k, out var s0, out var s1, out var s2, out var s3);
            sum = Add4(p0, q0, r0, s0, a + k, sum);
            sum = Add4(p1, q1, r1, s1, a + k + 4, sum);
            sum = Add4(p2, q2, r2, s2, a + k + 8, sum);
            sum = Add4(p3, q3, r3, s3, a + k + 12, sum);
        }
        for (; k < depth; k++)
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(a[k]), OneStep<TRounding>(at, k), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows<TRounding>(nint depth, float* a0, float* a1, float* a2, float* a3, float* b, nint bStride,
        out Vector512<float> sum0, out Vector512<float> sum1, out Vector512<float> sum2, out Vector512<float> sum3) where TRounding : struct, IRounding
    {
        var at = stackalloc float*[Lanes];
        for (var line = 0; line < Lanes; line++)
            at[line] = b + line * bStride;
        Vector512<float> w = default, x = default, y = default, z = default;
        nint k = 0;
        for (; k + 16 <= depth; k += 16)
        {
            Gather16<TRounding>(at, k, out var p0, out var p1, out var p2, out var p3);
            Gather16<TRounding>(at + 1, k, out var q0, out var q1, out var q2, out var q3);
            Gather16<TRounding>(at + 2, k, out var r0, out var r1, out var r2, out var r3);
            Gather16<TRounding>(at + 3, k, out var t0, out var t1, out var t2, out var t3);
            Transpose4(p0, q0, r0, t0, out p0, out q0, out r0, out t0);
            w = Add4Steps(p0, q0, r0, t0, a0 + k, w);
            x = Add4Steps(p0, q0, r0, t0, a1 + k, x);
            y = Add4Steps(p0, q0, r0, t0, a2 + k, y);
            z = Add4Steps(p0, q0, r0, t0, a3 + k, z);
            Transpose4(p1, q1, r1, t1, out p1, out q1, out r1, out t1);
            w = Add4Steps(p1, q1, r1, t1, a0 + k + 4, w);
            x = Add4Steps(p1, q1, r1, t1, a1 + k + 4, x);
            y = Add4Steps(p1, q1, r1, t1, a2 + k + 4, y);
            z = Add4Steps(p1, q1, r1, t1, a3 + k + 4, z);
            Transpose4(p2, q2, r2, t2, out p2, out q2, out r2, out t2);
            w = Add4Steps(p2, q2, r2, t2, a0 + k + 8, w);
            x = Add4Steps(p2, q2, r2, t2, a1 + k + 8, x);
            y = Add4Steps(p2, q2, r2, t2, a2 + k + 8, y);
            z = Add4Steps(p2, q2, r2, t2, a3 + k + 8, z);
            Transpose4(p3, q3, r3, t3, out p3, out q3, out r3, out t3);
            w = Add4Steps(p3, q3, r3, t3, a0 + k + 12, w);
            x = Add4Steps(p3, q3, r3, t3, a1 + k + 12, x);
            y = Add4Steps(p3, q3, r3, t3, a2 + k + 12, y);
            z = Add4Steps(p3, q3, r3, t3, a3 + k + 12, z);
        }
        for (; k < depth; k++)
        {
            var step = OneStep<TRounding>(at, k);
            w = Avx512F.FusedMultiplyAdd(Vector512.Create(a0[k]), step, w);
            x = Avx512F.FusedMultiplyAdd(Vector512.Create(a1[k]), step, x);
            y = Avx512F.FusedMultiplyAdd(Vector512.Create(a2[k]), step, y);
            z = Avx512F.FusedMultiplyAdd(Vector512.Create(a3[k]), step, z);
        }
        (sum0, sum1, sum2, sum3) = (w, x, y, z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add4(Vector512<float> p, Vector512<float> q, Vector512<float> r, Vector512<float> s, float* a, Vector512<float> sum)
    {
        Transpose4(p, q, r, s, out var k0, out var k1, out var k2, out var k3);
        return Add4Steps(k0, k1, k2, k3, a, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add4Steps(Vector512<float> k0, Vector512<float> k1, Vector512<float> k2, Vector512<float> k3, float* a, Vector512<float> sum)
    {
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(a[0]), k0, sum);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(a[1]), k1, sum);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(a[2]), k2, sum);
        return Avx512F.FusedMultiplyAdd(Vector512.Create(a[3]), k3, sum);
    }

    /// <summary>One k of sixteen lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> OneStep<TRounding>(float** lines, nint k) where TRounding : struct, IRounding
    {
        var values = stackalloc float[Lanes];
        for (var line = 0; line < Lanes; line++)
            values[line] = TRounding.Apply(lines[line][k]);
        return Vector512.Load(values);
    }
}
