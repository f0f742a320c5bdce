namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>The packed panels of one weight, for products with so few rows that packing would be most of the work: decoding above all.</summary>
/// <remarks>
/// They hang on the weight's storage and are dropped when its contents change. A weight is packed when it is used a second time, so that training,
/// where it changes between uses, packs none.
/// </remarks>
internal sealed unsafe class PackedWeights
{
    /// <summary>Most rows for which panels are kept.</summary>
    public const int MaxRows = 32;

    private readonly Dictionary<Part, PackedPanels?> _panels = [];

    /// <summary>The panels of a product's B, or null where they do not pay (yet).</summary>
    public static PackedPanels? Find(Storage storage, MatMulKernel kernel, WorkerPool pool, in MatMulArguments arguments)
    {
        if (!storage.IsWeight || arguments.Rows > MaxRows || arguments.BatchCount != 1 || arguments.Depth == 0 || arguments.Columns == 0 || !kernel.UsesPanels(arguments)) return null;
        if (storage.Derived is not PackedWeights weights) storage.Derived = weights = new();
        lock (weights._panels)
        {
            var part = new Part((nint)arguments.B, arguments.Columns, arguments.Depth, arguments.StrideB, arguments.TransposeB);
            if (!weights._panels.TryGetValue(part, out var panels)) weights._panels[part] = null;
            else if (panels is null) weights._panels[part] = panels = kernel.Pack(pool, arguments);
            return panels;
        }
    }

    private readonly record struct Part(nint Start, int Columns, int Depth, nint Stride, bool Transposed);
}
