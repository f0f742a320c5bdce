namespace Stemma.Numerics.LinearAlgebra;

/// <summary>
/// The outermost eigenvalues of a symmetric matrix that is only known by what it makes of vectors, such as the Hessian of a model. Every
/// new direction is made orthogonal to all before it, twice, so that no value comes up again as a ghost. Lanczos 1950, "An iteration
/// method for the solution of the eigenvalue problem"; Parlett 1980, "The symmetric eigenvalue problem", ch. 13.
/// </summary>
public sealed class Lanczos
{
    private readonly List<float[]> _basis;
    private readonly Tensor _ritz;

    private Lanczos(List<float[]> basis, IReadOnlyList<RitzValue> values, Tensor ritz) => (_basis, Values, _ritz) = (basis, values, ritz);

    /// <summary>Applies the matrix.</summary>
    /// <param name="vector">What to; not to be changed.</param>
    /// <param name="result">Receives matrix · vector.</param>
    public delegate void Product(float[] vector, float[] result);

    /// <summary>Approximations of eigenvalues, largest first. Those at both ends come out right first; a residual says how nearly.</summary>
    public IReadOnlyList<RitzValue> Values { get; }

    /// <summary>Runs the iteration.</summary>
    /// <param name="size">Rows of the matrix, ≥ 1.</param>
    /// <param name="steps">Products with the matrix, ≥ 1; fewer where they span all that the start reaches. Each keeps a vector.</param>
    /// <param name="multiply">The matrix.</param>
    /// <param name="random">Decides the start.</param>
    /// <param name="progress">Told the number of products done.</param>
    /// <exception cref="ArithmeticException">A product is not finite.</exception>
    public static Lanczos Run(int size, int steps, Product multiply, RandomStream random, IProgress<int>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentNullException.ThrowIfNull(multiply);
        List<float[]> basis = [];
        List<double> diagonal = [], beside = [];
        var next = new float[size];
        for (var i = 0; i < size; i++) next[i] = (float)random.Normal((ulong)i);
        Scale(next, 1 / Length(next));
        var largest = 0.0;
        while (true)
        {
            basis.Add(next);
            var product = new float[size];
            multiply(next, product);
            var alpha = Dot(next, product);
            if (!double.IsFinite(alpha)) throw new ArithmeticException($"The product number {basis.Count} with the matrix is not finite; it has no eigenvalues.");
            diagonal.Add(alpha);
            for (var pass = 0; pass < 2; pass++)
                foreach (var direction in basis) Subtract(product, direction, Dot(direction, product));
            var beta = Length(product);
            largest = Math.Max(largest, Math.Max(Math.Abs(alpha), beta));
            beside.Add(beta);
            progress?.Report(basis.Count);
            if (basis.Count == Math.Min(steps, size) || beta <= 1e-6 * largest) break;
            Scale(product, 1 / beta);
            next = product;
        }
        var n = diagonal.Count;
        var matrix = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            matrix[i * n + i] = diagonal[i];
            if (i + 1 < n) matrix[i * n + i + 1] = matrix[(i + 1) * n + i] = beside[i];
        }
        var eigen = SymmetricEigenDecomposition.Of(Tensor.From(matrix, [n, n], Device.Reference));
        var last = eigen.Vectors.ToArray<double>().AsSpan((n - 1) * n).ToArray();
        return new(basis, [.. eigen.Values.Select((value, i) => new RitzValue(value, Math.Abs(beside[^1] * last[i])))], eigen.Vectors);
    }

    /// <summary>The direction of a value, of length 1.</summary>
    /// <param name="index">Of <see cref="Values"/>.</param>
    public float[] Vector(int index)
    {
        var n = _basis.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)n);
        var (weights, vector) = (_ritz.ToArray<double>(), new float[_basis[0].Length]);
        for (var k = 0; k < n; k++) Subtract(vector, _basis[k], -weights[k * n + index]);
        Scale(vector, 1 / Length(vector));
        return vector;
    }

    private static double Dot(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    private static double Length(float[] a) => Math.Sqrt(Dot(a, a));

    private static void Scale(float[] a, double factor)
    {
        for (var i = 0; i < a.Length; i++) a[i] = (float)(a[i] * factor);
    }

    private static void Subtract(float[] a, float[] b, double factor)
    {
        for (var i = 0; i < a.Length; i++) a[i] = (float)(a[i] - factor * b[i]);
    }
}

/// <summary>An approximate eigenvalue.</summary>
/// <param name="Value">λ.</param>
/// <param name="Residual">‖A·v − λ·v‖ for its direction: a true eigenvalue lies within this.</param>
public readonly record struct RitzValue(double Value, double Residual);
