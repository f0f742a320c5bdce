namespace Stemma.Numerics.Autograd;

/// <summary>
/// Trades time for memory: of a piece of the computation the tape keeps the input alone, and Backward runs the piece again, recording
/// this time. Chen et al. 2016, "Training deep nets with sublinear memory cost", arXiv:1604.06174.
/// </summary>
public static class Checkpointing
{
    /// <summary>function(x), recomputed in the backward pass. Gradients are those of the plain call, bit for bit.</summary>
    /// <param name="function">Gives the same bits each time it is called: its random numbers come from streams.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="weights">Every other tensor that it reads and that requires a gradient.</param>
    public static Tensor Run(Func<Tensor, Tensor> function, Tensor x, IReadOnlyList<Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weights);
        if (!Tape.IsRecording || Tape.IsHigherOrder) return function(x);
        using var scope = Memory.Scope();
        var y = Plain(function, x);
        scope.Keep(y);
        return Tape.Record(y, [x, .. weights], [x], dy =>
        {
            using var tape = Tape.Start();
            var input = x.Detach();
            if (x.RequiresGradient) input.WithGradient();
            var gradients = tape.Backward(function(input), dy);
            var result = new Tensor?[weights.Count + 1];
            if (gradients.TryGet(input, out var dx)) result[0] = tape.Keep(dx);
            for (var i = 0; i < weights.Count; i++)
                if (gradients.TryGet(weights[i], out var gradient)) result[i + 1] = tape.Keep(gradient);
            return result;
        });
    }

    private static Tensor Plain(Func<Tensor, Tensor> function, Tensor x)
    {
        using var pause = Tape.Pause();
        return function(x.Detach());
    }
}
