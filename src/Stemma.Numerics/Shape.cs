using System.Collections;
using System.Runtime.CompilerServices;

namespace Stemma.Numerics;

/// <summary>
/// The sizes of a tensor's axes, outermost first: <c>Shape s = [batch, time, hidden];</c>, <c>var (batch, time, hidden) = x.Shape;</c>.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<int>
{
    /// <summary>The largest number of axes.</summary>
    public const int MaxRank = 6;

    private readonly Axes _sizes;

    private Shape(ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > MaxRank) throw new ArgumentException($"A tensor has at most {MaxRank} axes; got {sizes.Length}.", nameof(sizes));
        Rank = sizes.Length;
        Count = 1;
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] < 0) throw new ArgumentException($"Axis {i} has size {sizes[i]}; sizes are not negative.", nameof(sizes));
            _sizes[i] = sizes[i];
            Count = checked(Count * sizes[i]);
        }
    }

    /// <summary>The shape of a single number: no axes, one element.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>The number of axes, 0 to <see cref="MaxRank"/>.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: the product of the sizes.</summary>
    public long Count { get; }

    /// <summary>The size of an axis; negative numbers count from the end (-1 is the innermost).</summary>
    public int this[int axis] => _sizes[Axis(axis)];

    /// <summary>Makes a shape from its sizes.</summary>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes);

    /// <summary>Compares sizes axis by axis.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Compares sizes axis by axis.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The shape both broadcast to: axes are aligned at the end, and an axis of size 1 repeats.</summary>
    /// <exception cref="ArgumentException">Some axis has two different sizes, neither of them 1.</exception>
    public static Shape Broadcast(Shape left, Shape right)
    {
        Span<int> sizes = stackalloc int[Math.Max(left.Rank, right.Rank)];
        for (var i = 1; i <= sizes.Length; i++)
        {
            var a = i <= left.Rank ? left[-i] : 1;
            var b = i <= right.Rank ? right[-i] : 1;
            if (a != b && a != 1 && b != 1) throw new ArgumentException($"Shapes {left} and {right} do not broadcast: {a} against {b} at axis -{i}.");
            sizes[^i] = a == 1 ? b : a;
        }
        return new(sizes);
    }

    /// <summary>The non-negative number of an axis.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int Axis(int axis) => axis >= -Rank && axis < Rank
        ? axis < 0 ? axis + Rank : axis
        : throw new ArgumentOutOfRangeException(nameof(axis), $"Shape {this} has no axis {axis}.");

    /// <summary>The same shape with one axis of another size.</summary>
    public Shape With(int axis, int size)
    {
        Span<int> sizes = stackalloc int[Rank];
        CopyTo(sizes);
        sizes[Axis(axis)] = size;
        return new(sizes);
    }

    /// <summary>The same shape without one axis.</summary>
    public Shape Without(int axis)
    {
        axis = Axis(axis);
        Span<int> sizes = stackalloc int[Rank - 1];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = _sizes[i < axis ? i : i + 1];
        return new(sizes);
    }

    /// <summary>Copies the sizes.</summary>
    public void CopyTo(Span<int> sizes) => ((ReadOnlySpan<int>)_sizes)[..Rank].CopyTo(sizes);

    /// <summary>The sizes as an array.</summary>
    public int[] ToArray() => ((ReadOnlySpan<int>)_sizes)[..Rank].ToArray();

    /// <summary>Names the one axis; throws when there are more or fewer.</summary>
    public void Deconstruct(out int a) { Expect(1); a = this[0]; }

    /// <summary>Names the two axes; throws when there are more or fewer.</summary>
    public void Deconstruct(out int a, out int b) { Expect(2); (a, b) = (this[0], this[1]); }

    /// <summary>Names the three axes; throws when there are more or fewer.</summary>
    public void Deconstruct(out int a, out int b, out int c) { Expect(3); (a, b, c) = (this[0], this[1], this[2]); }

    /// <summary>Names the four axes; throws when there are more or fewer.</summary>
    public void Deconstruct(out int a, out int b, out int c, out int d) { Expect(4); (a, b, c, d) = (this[0], this[1], this[2], this[3]); }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank) return false;
        for (var i = 0; i < Rank; i++)
            if (_sizes[i] != other._sizes[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var i = 0; i < Rank; i++) hash.Add(_sizes[i]);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For example <c>[2, 3, 8]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray())}]";

    private void Expect(int rank)
    {
        if (Rank != rank) throw new InvalidOperationException($"Expected a tensor with {rank} axes; its shape is {this}.");
    }

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private int _first;
    }
}
