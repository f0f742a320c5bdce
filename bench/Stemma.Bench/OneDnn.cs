using System.Runtime.InteropServices;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Bench;

/// <summary>
/// oneDNN's bfloat16 matrix product, as the peer of ours, from a small shared library that exports it with a C interface:
/// <c>dn_create(threads, transposeA, transposeB, m, n, k, a, b, c)</c>, <c>dn_run(product, reorderToo)</c> and <c>dn_free(product)</c>.
/// </summary>
internal sealed unsafe class OneDnn(string path, int threads) : IDisposable
{
    private readonly nint _library = NativeLibrary.Load(path);

    /// <summary>A product of its own; call it to compute, with the reorders from float32 included.</summary>
    public Product Create(in MatMulArguments m)
    {
        var create = (delegate* unmanaged<int, int, int, long, long, long, void*, void*, void*, nint>)NativeLibrary.GetExport(_library, "dn_create");
        return new(_library, create(threads, m.TransposeA ? 1 : 0, m.TransposeB ? 1 : 0, m.Rows, m.Columns, m.Depth, m.A, m.B, m.C));
    }

    public void Dispose() => NativeLibrary.Free(_library);

    public sealed class Product(nint library, nint handle) : IDisposable
    {
        private readonly delegate* unmanaged<nint, int, void> _run = (delegate* unmanaged<nint, int, void>)NativeLibrary.GetExport(library, "dn_run");

        public void Run() => _run(handle, 1);

        public void Dispose() => ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "dn_free"))(handle);
    }
}
