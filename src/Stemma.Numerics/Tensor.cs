using System.Runtime.InteropServices;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics;

/// <summary>
/// An array of numbers with a shape, an element type and a device. Operations are extension methods in
/// <see cref="Stemma.Numerics.Ops"/>; a <see cref="Autograd.Tape"/> records them. Views (transposes, slices, reshapes,
/// broadcasts) share memory with what they were made from. Tensors are never disposed one by one, see <see cref="Memory"/>.
/// </summary>
public sealed unsafe class Tensor
{
    private readonly Strides _strides;
    private readonly long _offset;

    internal Tensor(Storage storage, long offset, Shape shape, Strides strides, DType dtype, Device device)
    {
        (Storage, _offset, Shape, _strides, DType, Device) = (storage, offset, shape, strides, dtype, device);
        IsContiguous = strides.AreContiguous(shape);
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>Where the numbers are and what computes on them.</summary>
    public Device Device { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>Whether a tape records what is done with this tensor. Set on weights; results inherit it.</summary>
    public bool RequiresGradient { get; internal set; }

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public bool IsContiguous { get; }

    /// <summary>The transpose of the last two axes; a view.</summary>
    public Tensor Transposed => this.Transpose(-2, -1);

    internal Storage Storage { get; }

    internal Strides Strides => _strides;

    internal long Offset => _offset;

    /// <summary>A tensor with undefined contents.</summary>
    public static Tensor Empty(Shape shape, DType dtype = DType.Float32, Device? device = null) =>
        new(new Storage(Math.Max(shape.Count, 1) * dtype.Size()), 0, shape, Strides.Contiguous(shape), dtype, device ?? Device.Cpu);

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32, Device? device = null)
    {
        var tensor = Empty(shape, dtype, device);
        NativeMemory.Clear(tensor.Storage.Pointer, (nuint)(shape.Count * dtype.Size()));
        return tensor;
    }

    /// <summary>A tensor that holds one value everywhere.</summary>
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32, Device? device = null)
    {
        var tensor = Empty(shape, dtype, device);
        switch (dtype)
        {
            case DType.Float32: tensor.Span<float>().Fill((float)value); break;
            case DType.Float64: tensor.Span<double>().Fill(value); break;
            case DType.BFloat16: tensor.Span<BFloat16>().Fill((BFloat16)(float)value); break;
            case DType.Int32: tensor.Span<int>().Fill((int)value); break;
        }
        return tensor;
    }

    /// <summary>A copy of <paramref name="values"/>, row-major, in the given shape.</summary>
    /// <exception cref="ArgumentException">The number of values is not the shape's.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, Device? device = null) where T : unmanaged
    {
        if (values.Length != shape.Count) throw new ArgumentException($"Shape {shape} has {shape.Count} elements; got {values.Length}.", nameof(values));
        var tensor = Empty(shape, DTypes.Of<T>(), device);
        values.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <summary>A copy of <paramref name="values"/>, row-major, in the given shape.</summary>
    public static Tensor From<T>(T[] values, Shape shape, Device? device = null) where T : unmanaged => From<T>(values.AsSpan(), shape, device);

    /// <summary>A tensor of one number and no axes.</summary>
    public static Tensor Scalar<T>(T value, Device? device = null) where T : unmanaged => From<T>([value], Shape.Scalar, device);

    /// <summary>Adds with broadcasting.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Add(b);

    /// <summary>Subtracts with broadcasting.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => a.Subtract(b);

    /// <summary>Multiplies elementwise with broadcasting.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Multiply(b);

    /// <summary>Divides elementwise with broadcasting.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => a.Divide(b);

    /// <summary>Adds a number to every element.</summary>
    public static Tensor operator +(Tensor a, double b) => a.Affine(1, b);

    /// <summary>Subtracts a number from every element.</summary>
    public static Tensor operator -(Tensor a, double b) => a.Affine(1, -b);

    /// <summary>Subtracts every element from a number.</summary>
    public static Tensor operator -(double a, Tensor b) => b.Affine(-1, a);

    /// <summary>Multiplies every element by a number.</summary>
    public static Tensor operator *(Tensor a, double b) => a.Affine(b, 0);

    /// <summary>Multiplies every element by a number.</summary>
    public static Tensor operator *(double a, Tensor b) => b.Affine(a, 0);

    /// <summary>Divides every element by a number.</summary>
    public static Tensor operator /(Tensor a, double b) => a.Affine(1 / b, 0);

    /// <summary>Changes every sign.</summary>
    public static Tensor operator -(Tensor a) => a.Affine(-1, 0);

    /// <summary>Asks the tape to record what is done with this tensor from now on.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor WithGradient()
    {
        if (!DType.IsFloating()) throw new InvalidOperationException($"A tensor of {DType} has no gradient.");
        RequiresGradient = true;
        Storage.IsWeight = true;
        return this;
    }

    /// <summary>The same numbers, unknown to the tape.</summary>
    public Tensor Detach() => new(Storage, _offset, Shape, _strides, DType, Device);

    /// <summary>Overwrites the elements with those of a tensor that broadcasts to this shape; no tape sees it.</summary>
    public void CopyFrom(Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Storage.Change();
        Device.Backend.Copy(source, this);
    }

    /// <summary>The elements in memory order; the tensor must be contiguous. Outside a scope the span lives as long as the tensor is referenced. To change a weight again after products with it, take its span again.</summary>
    /// <exception cref="InvalidOperationException">Another element type, or a view that is not contiguous.</exception>
    public Span<T> Span<T>() where T : unmanaged
    {
        if (!IsContiguous) throw new InvalidOperationException($"This view of shape {Shape} is not contiguous; take Contiguous() first.");
        Storage.Change();
        return new(Pointer<T>(), checked((int)Count));
    }

    /// <summary>A row-major copy of the elements.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        using var scope = Memory.Scope();
        var values = Detach().Contiguous().Span<T>().ToArray();
        GC.KeepAlive(this);
        return values;
    }

    /// <summary>The one element.</summary>
    /// <exception cref="InvalidOperationException">There are more or fewer elements.</exception>
    public double ToScalar()
    {
        if (Count != 1) throw new InvalidOperationException($"Shape {Shape} has {Count} elements; ToScalar needs one.");
        double value = DType switch
        {
            DType.Float32 => *Pointer<float>(),
            DType.Float64 => *Pointer<double>(),
            DType.BFloat16 => *Pointer<BFloat16>(),
            _ => *Pointer<int>(),
        };
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>For example <c>Float32[2, 3] on cpu</c>.</summary>
    public override string ToString() => $"{DType}{Shape} on {Device}";

    internal T* Pointer<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() != DType) throw new InvalidOperationException($"This tensor holds {DType}, not {typeof(T).Name}.");
        return (T*)Storage.Pointer + _offset;
    }

    internal Tensor View(long offset, Shape shape, Strides strides) => new(Storage, offset, shape, strides, DType, Device);
}
