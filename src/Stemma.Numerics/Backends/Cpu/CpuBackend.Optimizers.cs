using Stemma.Numerics.Backends.Cpu.Elementwise;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Adam(in AdamArguments arguments, Tensor weight, Tensor gradient, Tensor mean, Tensor variance)
    {
        if (weight.DType != DType.Float32 || !arguments.Decoupled)
        {
            _definition.Adam(arguments, weight, gradient, mean, variance);
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
        };
        step.Run(_pool, weight.Pointer<float>(), gradient.Pointer<float>(), mean.Pointer<float>(), variance.Pointer<float>(), (nint)weight.Count);
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity) => _definition.Sgd(arguments, weight, gradient, velocity);
}
