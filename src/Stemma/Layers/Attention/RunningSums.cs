using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Σ φ(k)vᵀ of a sequence: as many numbers for a thousand positions as for one. The last position waits outside the sum, so that it can be
/// forgotten once more.
/// </summary>
internal sealed class RunningSums : ILayerMemory
{
    private Tensor? _sums, _lastKeys, _lastValues;

    public long ByteCount => sizeof(float) * ((_sums?.Count ?? 0) + (_lastKeys?.Count ?? 0) + (_lastValues?.Count ?? 0));

    /// <summary>Takes in new rows.</summary>
    /// <param name="k">[key heads, 1, rows, features].</param>
    /// <param name="v">[key heads, 1, rows, size].</param>
    /// <returns>The sums before these rows, [key heads, 1, features, size]; null where there was nothing.</returns>
    public Tensor? Settle(Tensor k, Tensor v)
    {
        var before = _sums;
        if (_lastKeys is not null)
        {
            var last = _lastKeys.Transposed.MatMul(_lastValues!);
            before = before is null ? last : before + last;
        }
        var count = k.Shape[2];
        var sums = before;
        if (count > 1)
        {
            var added = k.Slice(2, 0, count - 1).Transposed.MatMul(v.Slice(2, 0, count - 1));
            sums = sums is null ? added : sums + added;
        }
        var result = before?.Detach();
        if (before is not null && before == _sums) result = before.Contiguous().Affine(1, 0); // what is kept is written over below
        (Tensor? Sums, Tensor Keys, Tensor Values) next = (sums is null ? null : Kept(sums), Kept(k.Slice(2, count - 1, 1)), Kept(v.Slice(2, count - 1, 1)));
        Dispose();
        (_sums, _lastKeys, _lastValues) = next;
        return result;
    }

    public ILayerMemory Fork() => new RunningSums { _sums = Copy(_sums), _lastKeys = Copy(_lastKeys), _lastValues = Copy(_lastValues) };

    public bool CanForget(int count) => count == 0 || (count == 1 && _lastKeys is not null);

    public void Forget(int count)
    {
        if (count == 0) return;
        Return(ref _lastKeys);
        Return(ref _lastValues);
    }

    public void Dispose()
    {
        Return(ref _sums);
        Return(ref _lastKeys);
        Return(ref _lastValues);
    }

    private static Tensor? Copy(Tensor? x) => x is null ? null : Kept(x);

    private static Tensor Kept(Tensor x)
    {
        using var outside = Memory.Outside();
        var kept = Tensor.Empty(x.Shape, x.DType, x.Device);
        kept.CopyFrom(x);
        return kept;
    }

    private static void Return(ref Tensor? x)
    {
        if (x is not null) Memory.Return(x);
        x = null;
    }
}
