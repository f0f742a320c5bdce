using System.Runtime.CompilerServices;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Autograd;

/// <summary>
/// Records operations on tensors that require a gradient, and runs them backwards (reverse mode; Griewank 1989, PyTorch's
/// autograd, arXiv:1912.01703). A tape belongs to one thread; it owns the memory of what is made while it runs.
/// </summary>
/// <example><code>
/// using var tape = Tape.Start();
/// var loss = model.Loss(batch);
/// var gradients = tape.Backward(loss).ClipNorm(1);
/// optimizer.Step(gradients, learningRate);
/// </code></example>
public sealed class Tape : IDisposable
{
    [ThreadStatic]
    private static Tape? s_current;

    // The lists of the thread's last tape, for its next one: a training step allocates little that way.
    [ThreadStatic]
    private static Lists? s_spare;

    private readonly Lists _lists = s_spare ?? new();
    private readonly Tape? _outer = s_current;
    private readonly MemoryScope _scope = Memory.Scope();
    private readonly bool _higherOrder;

    private Tape(bool higherOrder)
    {
        _higherOrder = higherOrder;
        s_spare = null;
        s_current = this;
    }

    /// <summary>Computes the gradients of an operation's inputs from that of its output, in the inputs' order; null where none is needed.</summary>
    public delegate Tensor?[] BackwardFunction(Tensor outputGradient);

    /// <summary>Whether a tape records on this thread.</summary>
    public static bool IsRecording => s_current is not null;

    /// <summary>Whether this thread's tape records gradients of gradients: fused operations then run as their composed twins.</summary>
    public static bool IsHigherOrder => s_current is { _higherOrder: true };

    /// <summary>Starts recording on this thread until disposal.</summary>
    /// <param name="higherOrder">Also record <see cref="Backward(Tensor)"/> itself, so that gradients can be differentiated again; frees nothing early.</param>
    public static Tape Start(bool higherOrder = false) => new(higherOrder);

    /// <summary>Suspends recording on this thread until disposal, for example to evaluate in the middle of training.</summary>
    public static IDisposable Pause() => new Suspension();

    /// <summary>Records an operation, where a tape runs and an input requires a gradient.</summary>
    /// <param name="output">The operation's result.</param>
    /// <param name="inputs">What it was computed from.</param>
    /// <param name="saves">The tensors that <paramref name="backward"/> reads; they stay in memory until it has run.</param>
    /// <param name="backward">The gradient.</param>
    /// <param name="recompute">
    /// Writes <paramref name="output"/> once more, the same bits, from <paramref name="saves"/>, at little cost; null where that cannot be done.
    /// Lets a scope give up a large output that later operations save, see <see cref="MemoryScope.Dispose"/>.
    /// </param>
    /// <param name="operation">What a person calls it; the name of the calling method unless given.</param>
    /// <returns><paramref name="output"/>.</returns>
    public static Tensor Record(Tensor output, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor> saves, BackwardFunction backward, Action? recompute = null, [CallerMemberName] string operation = "")
    {
        if (s_current is not { } tape || !AnyRequiresGradient(inputs)) return output;
        output.RequiresGradient = true;
        tape._lists.Produced.Add(output);
        tape._lists.Nodes.Add(new(operation, output, inputs.ToArray(), saves, backward));
        if (recompute is not null && !tape._higherOrder) output.Storage.MakeEvictable(recompute);
        return output;
    }

    /// <summary>
    /// Where an operation may write the gradient of its input, element by element over that of its output: the latter's own memory where
    /// nobody else will look at it again, new memory otherwise.
    /// </summary>
    /// <param name="outputGradient">Of the input's shape.</param>
    /// <param name="dtype">The input's element type; only of the same type is it written in place.</param>
    internal static Tensor InPlaceOrEmpty(Tensor outputGradient, DType dtype) =>
        !IsHigherOrder && outputGradient.DType == dtype && outputGradient is { IsContiguous: true, Storage: { IsTransient: true, HoldCount: 1 } }
            ? outputGradient
            : Tensor.Empty(outputGradient.Shape, dtype, outputGradient.Device);

    /// <summary>Lets a tensor out of the tape's memory: whoever encloses the tape owns it from now on.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor) => _scope.Keep(tensor);

    /// <summary>
    /// The gradients of a scalar with respect to every tensor that requires one and was not made on this tape. Frees what the
    /// operations saved as it goes (results too, once their gradients exist; <see cref="Keep"/> what is to be read later), so it
    /// can run once; with <c>higherOrder</c> it frees nothing and may run again.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="loss"/> is not one number, or depends on nothing that requires a gradient.</exception>
    /// <exception cref="InvalidOperationException">An earlier Backward freed what this one needs.</exception>
    public Gradients Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.Count != 1) throw new ArgumentException($"Backward starts from one number; the shape is {loss.Shape}. Take a mean or a sum first.", nameof(loss));
        if (!loss.RequiresGradient) throw new ArgumentException("Nothing that this loss was computed from requires a gradient (or no tape was running).", nameof(loss));
        loss.Storage.IsTransient = false; // its value is still to be read
        return Backward(loss, Tensor.Full(loss.Shape, 1, loss.DType, loss.Device));
    }

    /// <summary>The gradients of Σ output · <paramref name="outputGradient"/>: one piece of a longer backward pass.</summary>
    internal Gradients Backward(Tensor output, Tensor outputGradient)
    {
        using var pause = _higherOrder ? null : Pause();
        var (nodes, slots) = (_lists.Nodes, _lists.Slots);
        slots.Clear();
        Accumulate(slots, output, outputGradient);
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            var node = nodes[i];
            if (slots.Remove(node.Output, out var slot))
            {
                using var temporaries = Memory.Scope();
                var gradients = node.Backward(slot.Gradient);
                for (var k = 0; k < node.Inputs.Length; k++)
                    if (node.Inputs[k].RequiresGradient && gradients[k] is { } gradient)
                        Accumulate(slots, node.Inputs[k], gradient);
                slot.Gradient.Storage.Unhold();
            }
            if (!_higherOrder) node.Free();
        }
        if (!_higherOrder) nodes.Clear();
        return new(Leaves(slots));
    }

    /// <summary>What has been recorded and not yet run backwards, as a graph to look at.</summary>
    /// <param name="nameOf">What a weight is called, for example its name in the checkpoint; null where it has no name.</param>
    public TapeGraph ToGraph(Func<Tensor, string?>? nameOf = null)
    {
        var graph = new TapeGraphBuilder(nameOf);
        foreach (var node in _lists.Nodes) graph.Add(node.Operation, node.Output, node.Inputs, node.Saved);
        return graph.Build();
    }

    /// <summary>Stops recording and returns the memory of everything made on the tape.</summary>
    public void Dispose()
    {
        if (s_current != this) throw new InvalidOperationException("Tapes end in the reverse order of their beginning, on their own thread.");
        s_current = _outer;
        foreach (var node in _lists.Nodes) node.Free();
        _scope.Dispose();
        _lists.Clear();
        s_spare = _lists;
    }

    private static bool AnyRequiresGradient(ReadOnlySpan<Tensor> inputs)
    {
        foreach (var input in inputs)
            if (input.RequiresGradient) return true;
        return false;
    }

    private static void Accumulate(Dictionary<Tensor, Slot> slots, Tensor tensor, Tensor gradient)
    {
        if (gradient.Shape != tensor.Shape) throw new InvalidOperationException($"A gradient of shape {gradient.Shape} was computed for a tensor of shape {tensor.Shape}.");
        // What reads a bfloat16 activation may give a float32 gradient, and the other way about.
        if (gradient.DType != tensor.DType) gradient = gradient.Cast(tensor.DType);
        if (!slots.TryGetValue(tensor, out var slot))
        {
            slots.Add(tensor, new(Held(gradient), IsOwn: false));
        }
        else if (slot.IsOwn && !IsHigherOrder)
        {
            gradient.Device.Backend.Accumulate(gradient, slot.Gradient);
        }
        else
        {
            slots[tensor] = new(Held(slot.Gradient + gradient), IsOwn: true);
            slot.Gradient.Storage.Unhold();
        }
    }

    // What Backward itself made goes back to the pool when the last gradient in its memory has been used.
    private static Tensor Held(Tensor gradient)
    {
        gradient.Storage.Hold();
        if (!IsHigherOrder && gradient.Storage.Owner == MemoryScope.Current) gradient.Storage.IsTransient = true;
        return gradient;
    }

    /// <summary>The gradients of the tensors that were not made on this tape; contiguous, and the tape's like anything made on it.</summary>
    private Dictionary<Tensor, Tensor> Leaves(Dictionary<Tensor, Slot> slots)
    {
        var leaves = new Dictionary<Tensor, Tensor>(slots.Count);
        foreach (var (tensor, slot) in slots)
        {
            if (_lists.Produced.Contains(tensor))
                throw new InvalidOperationException("This loss depends on something recorded before an earlier Backward, which freed what its gradient needs. Add the losses and call Backward once, or start the tape with higherOrder.");
            var gradient = slot.Gradient.Contiguous();
            if (gradient == slot.Gradient) gradient.Storage.IsTransient = false;
            slot.Gradient.Storage.Unhold();
            leaves.Add(tensor, gradient);
        }
        return leaves;
    }

    private sealed class Lists
    {
        public List<Node> Nodes { get; } = [];

        public HashSet<Tensor> Produced { get; } = [];

        public Dictionary<Tensor, Slot> Slots { get; } = [];

        public void Clear()
        {
            Nodes.Clear();
            Produced.Clear();
            Slots.Clear();
        }
    }

    /// <param name="Gradient">The sum so far.</param>
    /// <param name="IsOwn">Whether nothing else shares its memory, so that more can be added in place.</param>
    private readonly record struct Slot(Tensor Gradient, bool IsOwn);

    private sealed class Node
    {
        private readonly Storage[] _saved;

        public Node(string operation, Tensor output, Tensor[] inputs, ReadOnlySpan<Tensor> saves, BackwardFunction backward)
        {
            (Operation, Output, Inputs, Backward) = (operation, output, inputs, backward);
            _saved = new Storage[saves.Length];
            for (var i = 0; i < saves.Length; i++)
            {
                _saved[i] = saves[i].Storage;
                _saved[i].Hold();
                MarkTransient(_saved[i]);
            }
            MarkTransient(output.Storage);
        }

        public string Operation { get; }

        public Tensor Output { get; }

        public IReadOnlyList<Storage> Saved => _saved;

        public Tensor[] Inputs { get; }

        public BackwardFunction Backward { get; }

        public void Free()
        {
            foreach (var storage in _saved) storage.Unhold();
            Output.Storage.ReleaseUnheld(); // nothing earlier reads it, or it would be held
        }

        // The tape may return what an operation made, its result and what it saved beside it, but not what it was given.
        private void MarkTransient(Storage storage)
        {
            foreach (var input in Inputs)
                if (input.Storage == storage) return;
            storage.IsTransient = true;
        }
    }

    private sealed class Suspension : IDisposable
    {
        private readonly Tape? _suspended = s_current;

        public Suspension() => s_current = null;

        public void Dispose() => s_current = _suspended;
    }
}
