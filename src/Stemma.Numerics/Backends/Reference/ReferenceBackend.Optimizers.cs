using System.Numerics;

namespace Stemma.Numerics.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public void Adam(in AdamArguments arguments, ReadOnlySpan<AdamWeight> weights)
    {
        foreach (var weight in weights)
        {
            if (weight.Weight.DType == DType.Float32) Run<float>(arguments, weight);
            else Run<double>(arguments, weight);
        }

        static void Run<T>(in AdamArguments a, in AdamWeight weight) where T : unmanaged, IFloatingPointIeee754<T>
        {
            var weightDecay = weight.Decays ? a.WeightDecay : 0;
            var (beta1, beta2, decay, scale) = (T.CreateChecked(a.Beta1), T.CreateChecked(a.Beta2), T.CreateChecked(weightDecay), T.CreateChecked(a.GradientScale));
            var stepSize = T.CreateChecked(a.LearningRate / (1 - Math.Pow(a.Beta1, a.Step)));
            var root = T.CreateChecked(Math.Sqrt(1 - Math.Pow(a.Beta2, a.Step)));
            var (shrink, epsilon) = (T.CreateChecked(1 - a.LearningRate * weightDecay), T.CreateChecked(a.Epsilon));
            T* w = weight.Weight.Pointer<T>(), g = weight.Gradient.Pointer<T>(), m = weight.Mean.Pointer<T>(), v = weight.Variance.Pointer<T>();
            for (var i = 0L; i < weight.Weight.Count; i++)
            {
                var d = a.Decoupled ? scale * g[i] : scale * g[i] + decay * w[i];
                if (a.Decoupled) w[i] *= shrink;
                m[i] = beta1 * m[i] + (T.One - beta1) * d;
                v[i] = beta2 * v[i] + (T.One - beta2) * d * d;
                w[i] -= stepSize * m[i] / (T.Sqrt(v[i]) / root + epsilon);
            }
        }
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity)
    {
        if (weight.DType == DType.Float32) Run<float>(arguments);
        else Run<double>(arguments);

        void Run<T>(in SgdArguments a) where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (rate, momentum, decay) = (T.CreateChecked(a.LearningRate), T.CreateChecked(a.Momentum), T.CreateChecked(a.WeightDecay));
            T* w = weight.Pointer<T>(), g = gradient.Pointer<T>(), u = velocity is null ? null : velocity.Pointer<T>();
            for (var i = 0L; i < weight.Count; i++)
            {
                var d = g[i] + decay * w[i];
                if (u is not null)
                {
                    u[i] = a.IsFirstStep ? d : momentum * u[i] + d;
                    d = a.Nesterov ? d + momentum * u[i] : u[i];
                }
                w[i] -= rate * d;
            }
        }
    }
}
