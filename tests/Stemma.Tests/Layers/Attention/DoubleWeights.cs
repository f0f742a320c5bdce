using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Tests.Layers;

/// <summary>Fresh weights in double precision on the backend of plain loops: what gradients are checked with.</summary>
internal sealed class DoubleWeights(List<Parameter> all, string prefix = "") : IWeights
{
    public IReadOnlyList<Parameter> All => all;

    public IWeights this[string name] => new DoubleWeights(all, $"{prefix}{name}.");

    public Parameter Tensor(string name, Shape shape, Initializer initializer)
    {
        var values = new float[shape.Count];
        initializer.Fill(values, shape, new RandomStream(7).Fork(prefix + name));
        var parameter = new Parameter(prefix + name, Stemma.Numerics.Tensor.From([.. values.Select(value => (double)value)], shape, Device.Reference).WithGradient());
        all.Add(parameter);
        return parameter;
    }

    public Linear Linear(string name, int inputSize, int outputSize, Initializer initializer, bool hasBias = true) =>
        new DenseLinear(this[name].Tensor("weight", [outputSize, inputSize], initializer), hasBias ? this[name].Tensor("bias", [outputSize], new Initializer.Constant(0)) : null);
}
