using System.Numerics;

namespace Stemma.Numerics.Ops;

/// <summary>
/// One step of a recurrent layer, once x_t·W_xᵀ + b_x (the gates' inputs) and h_{t−1}·W_hᵀ + b_h (their products) are known.
/// The three forms of each direction must agree: plain operations on tensors, plain loops, vectors.
/// </summary>
internal interface IRecurrentCell
{
    /// <summary>For messages.</summary>
    static abstract string Name { get; }

    /// <summary>Blocks of hidden-size rows in a weight.</summary>
    static abstract int GateCount { get; }

    /// <summary>Whether a second state, the cell, runs along; <see cref="CellStep{T}.Memory"/> holds it.</summary>
    static abstract bool HasCell { get; }

    /// <summary>
    /// Whether the last gate scales its product before adding it to its input. <see cref="CellStep{T}.Memory"/> then holds the product,
    /// and after the backward step the product's gradient, which differs from the input's.
    /// </summary>
    static abstract bool ScalesProduct { get; }

    /// <summary>The definition: gates' inputs and products [rows, gates · hidden], states [rows, hidden].</summary>
    static abstract (Tensor Hidden, Tensor? Cell) Step(Tensor inputs, Tensor products, Tensor hidden, Tensor? cell);

    /// <summary>The same for one row; leaves in gates and memory what the gradient reads.</summary>
    static abstract void Step<T>(in CellStep<T> row) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The same, sixteen units at a time.</summary>
    static abstract void StepVectors(in CellStep<float> row);

    /// <summary>Turns one row's gates into the gradients of their inputs, and its carry into that of the step before.</summary>
    static abstract void Gradient<T>(in CellGradient<T> row) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The same, sixteen units at a time.</summary>
    static abstract void GradientVectors(in CellGradient<float> row);
}

/// <summary>Units of one sequence at one step; pointers are to the first of them.</summary>
internal readonly unsafe struct CellStep<T> where T : unmanaged
{
    /// <summary>Units.</summary>
    public required nint Count { get; init; }

    /// <summary>Inputs of the gates, which become their values.</summary>
    public required T* Gates { get; init; }

    /// <summary>Elements from one gate to the next.</summary>
    public required nint GateStep { get; init; }

    /// <summary>Products of the gates.</summary>
    public required T* Products { get; init; }

    /// <summary>Elements from one product to the next.</summary>
    public required nint ProductStep { get; init; }

    /// <summary>h_{t−1}.</summary>
    public required T* Previous { get; init; }

    /// <summary>c_{t−1} where the cell has one.</summary>
    public required T* MemoryBefore { get; init; }

    /// <summary>Receives c_t, or the last gate's product; null where the cell has neither.</summary>
    public required T* Memory { get; init; }

    /// <summary>Receives h_t.</summary>
    public required T* Hidden { get; init; }
}

/// <summary>The same units on the way back.</summary>
internal readonly unsafe struct CellGradient<T> where T : unmanaged
{
    /// <summary>Units.</summary>
    public required nint Count { get; init; }

    /// <summary>Values of the gates, which become the gradients of their inputs.</summary>
    public required T* Gates { get; init; }

    /// <summary>Elements from one gate to the next.</summary>
    public required nint GateStep { get; init; }

    /// <summary>h_{t−1}.</summary>
    public required T* Previous { get; init; }

    /// <summary>h_t.</summary>
    public required T* Hidden { get; init; }

    /// <summary>c_{t−1} where the cell has one.</summary>
    public required T* MemoryBefore { get; init; }

    /// <summary>c_t, or the last gate's product, which becomes the product's gradient.</summary>
    public required T* Memory { get; init; }

    /// <summary>The gradient of h_t as an output.</summary>
    public required T* Output { get; init; }

    /// <summary>The gradient of h_t as the factor of the next step's products.</summary>
    public required T* Products { get; init; }

    /// <summary>What passes from step to step without a product: the gradient of c_t, or that of h_t beside the gates; becomes that of step t − 1.</summary>
    public required T* Carry { get; init; }
}
