using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Autograd;

/// <summary>
/// The derivatives of a tensor by a tensor, J[i, j] = ∂f(x)[i] / ∂x[j] over all elements in row-major order. Reverse mode is Jᵀu, one pass
/// for a whole row; forward mode is J·v, a whole column. The tape knows reverse mode alone: Jᵀu is linear in u, so that the gradient of
/// ⟨Jᵀu, v⟩ with respect to u is J·v, whatever u is (Pearlmutter 1994 has the same for Hessians; Griewank &amp; Walther 2008, ch. 3).
/// </summary>
public static class Jacobian
{
    /// <summary>Jᵀu, reverse mode.</summary>
    /// <param name="function">A tensor made of its argument.</param>
    /// <param name="x">Where.</param>
    /// <param name="u">Of the result's shape.</param>
    /// <returns>Of the shape of <paramref name="x"/>.</returns>
    public static Tensor TransposedProduct(Func<Tensor, Tensor> function, Tensor x, Tensor u)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(u);
        using var tape = Tape.Start();
        var input = x.Detach().WithGradient();
        var y = function(input);
        if (y.Shape != u.Shape) throw new ArgumentException($"The function gives {y.Shape}; the vector has {u.Shape}.", nameof(u));
        return tape.Keep(y.RequiresGradient && tape.Backward(y, u).TryGet(input, out var product) ? product : Tensor.Zeros(x.Shape, x.DType, x.Device));
    }

    /// <summary>J·v, forward mode: how the result changes along a direction.</summary>
    /// <param name="function">A tensor made of its argument.</param>
    /// <param name="x">Where.</param>
    /// <param name="v">Of the shape of <paramref name="x"/>.</param>
    /// <returns>Of the result's shape.</returns>
    public static Tensor Product(Func<Tensor, Tensor> function, Tensor x, Tensor v)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(v);
        if (v.Shape != x.Shape) throw new ArgumentException($"The function is taken at {x.Shape}; the direction has {v.Shape}.", nameof(v));
        using var tape = Tape.Start(higherOrder: true);
        var input = x.Detach().WithGradient();
        var y = function(input);
        var u = Tensor.Zeros(y.Shape, y.DType, y.Device).WithGradient();
        if (!y.RequiresGradient || !tape.Backward(y, u).TryGet(input, out var transposed)) return tape.Keep(u.Detach());
        return tape.Keep(tape.Backward((transposed * v).Sum())[u]);
    }

    /// <summary>The whole matrix by reverse mode, row after row: for functions of many numbers to few.</summary>
    /// <param name="function">A tensor made of its argument.</param>
    /// <param name="x">Where.</param>
    /// <returns>[elements of the result, elements of <paramref name="x"/>].</returns>
    public static Tensor ByReverse(Func<Tensor, Tensor> function, Tensor x) => Whole(function, x, (shape, row) => TransposedProduct(function, x, Unit(shape, row, x)), byRows: true);

    /// <summary>The whole matrix by forward mode, column after column: for functions of few numbers to many.</summary>
    /// <inheritdoc cref="ByReverse"/>
    public static Tensor ByForward(Func<Tensor, Tensor> function, Tensor x) => Whole(function, x, (_, column) => Product(function, x, Unit(x.Shape, column, x)), byRows: false);

    private static Tensor Whole(Func<Tensor, Tensor> function, Tensor x, Func<Shape, int, Tensor> product, bool byRows)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        using var scope = Memory.Scope();
        Shape shape;
        using (Tape.Pause()) shape = function(x.Detach()).Shape;
        var (rows, columns) = ((int)shape.Count, (int)x.Count);
        var products = Enumerable.Range(0, byRows ? rows : columns).Select(i => product(shape, i).Reshape(1, byRows ? columns : rows)).ToArray();
        var all = products.Length == 0 ? Tensor.Zeros([rows, columns], x.DType, x.Device) : TensorOps.Concatenate(0, products);
        return scope.Keep(byRows ? all : all.Transposed.Contiguous());
    }

    private static Tensor Unit(Shape shape, int place, Tensor like)
    {
        var values = new double[shape.Count];
        values[place] = 1;
        return Tensor.From(values, shape, like.Device).Cast(like.DType);
    }
}
