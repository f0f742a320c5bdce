namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>C = op(A)·op(B) + bias, or C += op(A)·op(B) + bias, over a batch of row-major matrices of float32 or bfloat16.</summary>
/// <remarks>Products are summed in float32 whatever the matrices are stored in. op(A) is [Rows, Depth], op(B) is [Depth, Columns], C is [Rows, Columns]. Strides count elements. C overlaps neither A nor B.</remarks>
internal readonly unsafe struct MatMulArguments
{
    /// <summary>Rows of op(A) and C.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of op(B) and C.</summary>
    public required int Columns { get; init; }

    /// <summary>Columns of op(A), rows of op(B): the dimension that is summed over.</summary>
    public required int Depth { get; init; }

    /// <summary>First element of A, stored [Rows, Depth], or [Depth, Rows] where <see cref="TransposeA"/>.</summary>
    public required void* A { get; init; }

    /// <summary>What A is stored in: float32 or bfloat16.</summary>
    public DType TypeA { get; init; }

    /// <summary>Elements from one stored row of A to the next.</summary>
    public required nint StrideA { get; init; }

    /// <summary>Whether A is stored transposed.</summary>
    public bool TransposeA { get; init; }

    /// <summary>First element of B, stored [Depth, Columns], or [Columns, Depth] where <see cref="TransposeB"/>.</summary>
    public required void* B { get; init; }

    /// <summary>What B is stored in: float32 or bfloat16.</summary>
    public DType TypeB { get; init; }

    /// <summary>Elements from one stored row of B to the next.</summary>
    public required nint StrideB { get; init; }

    /// <summary>Whether B is stored transposed, as the weight of a linear layer is.</summary>
    public bool TransposeB { get; init; }

    /// <summary>The same op(B) packed by <see cref="MatMulKernel.Pack"/>; null where there is none. For a batch of one.</summary>
    public void* PackedB { get; init; }

    /// <summary>First element of C.</summary>
    public required void* C { get; init; }

    /// <summary>What C is stored in: float32, or bfloat16, to which sums are rounded once at the end.</summary>
    public DType TypeC { get; init; }

    /// <summary>Elements from one row of C to the next.</summary>
    public required nint StrideC { get; init; }

    /// <summary>Whether the product is added to what C holds.</summary>
    public bool Accumulate { get; init; }

    /// <summary>One value per column, added once at the end; null for none.</summary>
    public float* Bias { get; init; }

    /// <summary>What is done with the sums of a single product once they are complete, in place of storing them in C; sums of float32 are made where C is even so.</summary>
    public Epilogue? Epilogue { get; init; }

    /// <summary>What operands stored in float32 are rounded to before they are multiplied.</summary>
    public MatMulPrecision Precision { get; init; }

    /// <summary>Matrix products in the batch.</summary>
    public int BatchCount { get; init; } = 1;

    /// <summary>Elements from one A of the batch to the next; 0 shares it.</summary>
    public nint BatchStrideA { get; init; }

    /// <summary>Elements from one B of the batch to the next; 0 shares it.</summary>
    public nint BatchStrideB { get; init; }

    /// <summary>Elements from one C of the batch to the next.</summary>
    public nint BatchStrideC { get; init; }

    /// <summary>Arguments to be filled in by an initialiser; the batch count starts at 1.</summary>
    public MatMulArguments()
    {
    }

    /// <summary>The arguments of one product of the batch.</summary>
    public MatMulArguments Batch(int index) => this with
    {
        A = At(A, TypeA, index * BatchStrideA),
        B = At(B, TypeB, index * BatchStrideB),
        C = At(C, TypeC, index * BatchStrideC),
        BatchCount = 1,
    };

    /// <summary>An element of one of the matrices.</summary>
    public static void* At(void* matrix, DType type, nint offset) => (byte*)matrix + offset * type.Size();
}
