using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    // The gradients so far of the backward pass that runs on this thread.
    [ThreadStatic]
    private static Dictionary<Tensor, Tensor>? s_sums;

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

    /// <summary>Whether an operation on these would be recorded: a tape runs and one of them requires a gradient.</summary>
    internal static bool Records(params ReadOnlySpan<Tensor?> inputs)
    {
        if (s_current is null) return false;
        foreach (var input in inputs)
            if (input is { RequiresGradient: true }) return true;
        return false;
    }

    /// <summary>Records an operation, where a tape runs and an input requires a gradient.</summary>
    /// <param name="output">The operation's result.</param>
    /// <param name="inputs">What it was computed from; null for an optional input that is not there.</param>
    /// <param name="saves">The tensors that <paramref name="backward"/> reads; they stay in memory until it has run; null stands for none.</param>
    /// <param name="backward">The gradient.</param>
    /// <param name="recompute">
    /// Writes <paramref name="output"/> once more, the same bits, from <paramref name="saves"/>, at little cost; null where that cannot be done.
    /// Lets a scope give up a large output that later operations save, see <see cref="MemoryScope.Dispose"/>.
    /// </param>
    /// <param name="operation">What a person calls it; the name of the calling method unless given.</param>
    /// <returns><paramref name="output"/>.</returns>
    public static Tensor Record(Tensor output, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor?> saves, BackwardFunction backward, Action? recompute = null, [CallerMemberName] string operation = "") =>
        Record(output, inputs, saves, (backward, recompute), static (functions, dy) => functions.backward(dy), recompute is null ? null : static functions => functions.recompute!(), operation);

    /// <summary>
    /// The same for an operation that every step records many times: functions that capture nothing, and are handed what they need, cost one
    /// object instead of four, and none where nothing is recorded.
    /// </summary>
    /// <param name="output">The operation's result.</param>
    /// <param name="inputs">What it was computed from; null for an optional input that is not there.</param>
    /// <param name="saves">The tensors that <paramref name="backward"/> reads; they stay in memory until it has run; null stands for none.</param>
    /// <param name="state">Handed to the functions.</param>
    /// <param name="backward">The gradient, from the state and the output's gradient.</param>
    /// <param name="recompute">Writes <paramref name="output"/> once more, from the state.</param>
    /// <param name="operation">What a person calls it; the name of the calling method unless given.</param>
    /// <returns><paramref name="output"/>.</returns>
    public static Tensor Record<TState>(
        Tensor output, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor?> saves, TState state, Func<TState, Tensor, Tensor?[]> backward, Action<TState>? recompute = null, [CallerMemberName] string operation = "")
    {
        if (!Records(inputs)) return output;
        var tape = s_current!;
        output.RequiresGradient = true;
        var node = new TapeNode<TState>(operation, output, Append(tape._lists.Inputs, inputs), tape.Save(output, inputs, saves), state, backward, recompute);
        tape._lists.Produced.Add(output);
        tape._lists.Nodes.Add(node);
        if (recompute is not null && !tape._higherOrder) output.Storage.MakeEvictable(node);
        return output;
    }

    /// <summary>
    /// Where an operation may write the gradient of its input, element by element over that of its output: the latter's own memory where
    /// nobody else will look at it again, new memory otherwise.
    /// </summary>
    /// <param name="outputGradient">Of the input's shape.</param>
    /// <param name="dtype">The input's element type; only of the same type is it written in place.</param>
    internal static Tensor InPlaceOrEmpty(Tensor outputGradient, DType dtype) =>
        IsOwn(outputGradient) && outputGradient.DType == dtype ? outputGradient : Tensor.Empty(outputGradient.Shape, dtype, outputGradient.Device);

    /// <summary>
    /// Where the gradient of an operation's input that reaches few of its elements may be added in place: the sum of the gradients that later
    /// operations gave it, or null where there is none yet, or none that may be changed. An operation that has added to it gives no gradient of its own.
    /// </summary>
    internal static Tensor? SumSoFar(Tensor input) => s_sums is { } sums && sums.TryGetValue(input, out var sum) && IsOwn(sum) && sum.DType == input.DType ? sum : null;

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
        var (nodes, sums) = (_lists.Nodes, _lists.Sums);
        sums.Clear();
        Accumulate(sums, output, outputGradient);
        var outer = s_sums;
        s_sums = sums;
        try
        {
            Walk(nodes, sums);
        }
        finally
        {
            s_sums = outer;
        }
        if (!_higherOrder) _lists.ClearNodes();
        return Leaves(sums);
    }

    private void Walk(List<TapeNode> nodes, Dictionary<Tensor, Tensor> sums)
    {
        using var temporaries = Memory.Scope();
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            var node = nodes[i];
            if (sums.Remove(node.Output, out var sum))
            {
                var inputs = _lists.InputsOf(node);
                var gradients = node.Backward(sum);
                for (var k = 0; k < inputs.Length; k++)
                    if (inputs[k] is { RequiresGradient: true } input && gradients[k] is { } gradient)
                        Accumulate(sums, input, gradient);
                sum.Storage.Unhold();
                temporaries.Return();
            }
            if (!_higherOrder) Free(node);
        }
    }

    /// <summary>What has been recorded and not yet run backwards, as a graph to look at.</summary>
    /// <param name="nameOf">What a weight is called, for example its name in the checkpoint; null where it has no name.</param>
    public TapeGraph ToGraph(Func<Tensor, string?>? nameOf = null)
    {
        var graph = new TapeGraphBuilder(nameOf);
        foreach (var node in _lists.Nodes) graph.Add(node.Operation, node.Output, [.. _lists.InputsOf(node).ToArray().OfType<Tensor>()], _lists.SavedOf(node).ToArray());
        return graph.Build();
    }

    /// <summary>Stops recording and returns the memory of everything made on the tape.</summary>
    public void Dispose()
    {
        if (s_current != this) throw new InvalidOperationException("Tapes end in the reverse order of their beginning, on their own thread.");
        s_current = _outer;
        foreach (var node in _lists.Nodes) Free(node);
        _scope.Dispose();
        _lists.Clear();
        s_spare = _lists;
    }

    private static Range Append<T>(List<T> list, ReadOnlySpan<T> items)
    {
        var first = list.Count;
        list.AddRange(items);
        return first..list.Count;
    }

    private static void Accumulate(Dictionary<Tensor, Tensor> sums, Tensor tensor, Tensor gradient)
    {
        if (gradient.Shape != tensor.Shape) throw new InvalidOperationException($"A gradient of shape {gradient.Shape} was computed for a tensor of shape {tensor.Shape}.");
        // What reads a bfloat16 activation may give a float32 gradient, and the other way about.
        if (gradient.DType != tensor.DType) gradient = gradient.Cast(tensor.DType);
        if (!sums.TryGetValue(tensor, out var sum))
        {
            sums.Add(tensor, Held(gradient));
        }
        else if (IsOwn(sum) && sum.DType == gradient.DType && sum.DType != DType.BFloat16)
        {
            gradient.Device.Backend.Accumulate(gradient, sum);
        }
        else
        {
            sums[tensor] = Held(sum + gradient);
            sum.Storage.Unhold();
        }
    }

    // What Backward itself made goes back to the pool when the last gradient in its memory has been used.
    private static Tensor Held(Tensor gradient)
    {
        gradient.Storage.Hold();
        if (!IsHigherOrder && gradient.Storage.Owner == MemoryScope.Current) gradient.Storage.IsTransient = true;
        return gradient;
    }

    /// <summary>Whether nobody but its one holder will look at a gradient again, so that it may be written over.</summary>
    private static bool IsOwn(Tensor gradient) => !IsHigherOrder && gradient is { IsContiguous: true, Storage: { IsTransient: true, HoldCount: 1 } };

    /// <summary>The gradients of the tensors that were not made on this tape; contiguous, and the tape's like anything made on it.</summary>
    private Gradients Leaves(Dictionary<Tensor, Tensor> sums)
    {
        var leaves = new Dictionary<Tensor, Tensor>(sums.Count);
        var mayShare = false;
        foreach (var (tensor, sum) in sums)
        {
            if (_lists.Produced.Contains(tensor))
                throw new InvalidOperationException("This loss depends on something recorded before an earlier Backward, which freed what its gradient needs. Add the losses and call Backward once, or start the tape with higherOrder.");
            var gradient = sum.Contiguous();
            if (gradient == sum) gradient.Storage.IsTransient = false;
            mayShare |= gradient == sum && sum.Storage.HoldCount > 1;
            sum.Storage.Unhold();
            leaves.Add(tensor, gradient);
        }
        return new(leaves, mayShare);
    }

    private Range Save(Tensor output, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor?> saves)
    {
        var first = _lists.Saved.Count;
        foreach (var tensor in saves)
        {
            if (tensor is null) continue;
            tensor.Storage.Hold();
            MarkTransient(tensor.Storage, inputs);
            _lists.Saved.Add(tensor.Storage);
        }
        MarkTransient(output.Storage, inputs);
        return first.._lists.Saved.Count;
    }

    // The tape may return what an operation made, its result and what it saved beside it, but not what it was given.
    private static void MarkTransient(Storage storage, ReadOnlySpan<Tensor?> inputs)
    {
        foreach (var input in inputs)
            if (input?.Storage == storage) return;
        storage.IsTransient = true;
    }

    private void Free(TapeNode node)
    {
        foreach (var storage in _lists.SavedOf(node)) storage.Unhold();
        node.Output.Storage.ReleaseUnheld(); // nothing earlier reads it, or it would be held
    }

    private sealed class Lists
    {
        public List<TapeNode> Nodes { get; } = [];

        /// <summary>The inputs of all nodes, one after the other.</summary>
        public List<Tensor?> Inputs { get; } = [];

        /// <summary>What all nodes saved, one after the other.</summary>
        public List<Storage> Saved { get; } = [];

        public HashSet<Tensor> Produced { get; } = [];

        /// <summary>The gradients that are not complete yet: the sum so far.</summary>
        public Dictionary<Tensor, Tensor> Sums { get; } = [];

        public ReadOnlySpan<Tensor?> InputsOf(TapeNode node) => CollectionsMarshal.AsSpan(Inputs)[node.Inputs];

        public ReadOnlySpan<Storage> SavedOf(TapeNode node) => CollectionsMarshal.AsSpan(Saved)[node.Saved];

        public void ClearNodes()
        {
            Nodes.Clear();
            Inputs.Clear();
            Saved.Clear();
        }

        public void Clear()
        {
            ClearNodes();
            Produced.Clear();
            Sums.Clear();
        }
    }

    private sealed class Suspension : IDisposable
    {
        private readonly Tape? _suspended = s_current;

        public Suspension() => s_current = null;

        public void Dispose() => s_current = _suspended;
    }
}
