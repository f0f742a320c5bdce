using Stemma.Numerics.Backends.Cpu.Elementwise;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Adam(in AdamArguments arguments, ReadOnlySpan<AdamWeight> weights)
    {
        if (!arguments.Decoupled)
        {
            _definition.Adam(arguments, weights);
            return;
        }
        var step = new AdamWStep
        {
            LearningRate = arguments.LearningRate,
            Beta1 = arguments.Beta1,
            Beta2 = arguments.Beta2,
            Epsilon = arguments.Epsilon,
            WeightDecay = arguments.WeightDecay,
            Step = arguments.Step,
            GradientScale = (float)arguments.GradientScale,
        };
        var pieces = (AdamWPiece*)Scratch.Take(ScratchSlot.Pieces, (nint)weights.Length * sizeof(AdamWPiece) / sizeof(float));
        var count = 0;
        foreach (ref readonly var w in weights)
        {
            if (w.Weight.DType != DType.Float32) _definition.Adam(arguments, [w]);
            else pieces[count++] = new(w.Weight.Pointer<float>(), w.Gradient.Pointer<float>(), w.Mean.Pointer<float>(), w.Variance.Pointer<float>(), (nint)w.Weight.Count, w.Decays);
        }
        step.Run(_pool, pieces, count);
        foreach (ref readonly var w in weights) GC.KeepAlive(w.Gradient); // may be copies that nothing else refers to
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity) => _definition.Sgd(arguments, weight, gradient, velocity);
}
