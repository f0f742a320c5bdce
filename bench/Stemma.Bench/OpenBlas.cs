using System.Runtime.InteropServices;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Bench;

/// <summary>An OpenBLAS shared library found at run time, as the peer of the matrix product. It stays loaded: its threads run until the process ends.</summary>
internal sealed unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int AsStored = 111;
    private const int Transposed = 112;
    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;

    public OpenBlas(string path, int threads)
    {
        var library = NativeLibrary.Load(path);
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(threads);
        var configuration = ((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "openblas_get_config"))();
        Console.WriteLine(Marshal.PtrToStringUTF8(configuration));
    }

    public void Multiply(in MatMulArguments m) => _multiply(RowMajor, m.TransposeA ? Transposed : AsStored, m.TransposeB ? Transposed : AsStored,
        m.Rows, m.Columns, m.Depth, 1f, (float*)m.A, (int)m.StrideA, (float*)m.B, (int)m.StrideB, m.Accumulate ? 1f : 0f, (float*)m.C, (int)m.StrideC);
}
