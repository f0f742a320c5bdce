using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Tests.Layers;

/// <summary>A block of 8 channels and 2 heads, and rows for it.</summary>
internal static class SmallBlock
{
    public const int Hidden = 8, HeadSize = 4;

    public static Weights Fresh(ulong seed = 3) => new(new InitialWeights(seed), Device.Cpu);

    public static Linear Linear(IWeights weights, string name, int input, int output) => weights.Linear(name, input, output, new Initializer.Normal(0.5));

    public static Mlp FeedForward(IWeights weights, int layer = 0) => new(Linear(weights, "expand", Hidden, 12), Activation.GeluTanh, Linear(weights, "contract", 12, Hidden), layer, 0);

    /// <summary>Blocks with one set of weights, each with a number of its own.</summary>
    public static Block[] Shared(IWeights weights, int count, Rotary? rotary = null)
    {
        var input = new SeparateProjections(Linear(weights, "q", Hidden, Hidden), Linear(weights, "k", Hidden, Hidden), Linear(weights, "v", Hidden, Hidden), HeadSize);
        var (output, first, second) = (Linear(weights, "o", Hidden, Hidden), new LayerNorm(weights["a"], Hidden, 1e-5), new LayerNorm(weights["b"], Hidden, 1e-5));
        var (expand, contract) = (Linear(weights, "expand", Hidden, 12), Linear(weights, "contract", 12, Hidden));
        return [.. Enumerable.Range(0, count).Select(layer => new PreNormBlock(first, new SelfAttention(input, output, new() { Rotary = rotary }, layer), second, new Mlp(expand, Activation.GeluTanh, contract, layer, 0), layer))];
    }

    public static Tensor Rows(int count, ulong seed = 5, int size = Hidden) => Tensor.From([.. Enumerable.Range(0, count * size).Select(i => (float)new RandomStream(seed).Normal((ulong)i))], [count, size]);
}
