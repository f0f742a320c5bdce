using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class ThreadCountTests
{
    /// <summary>Fewer and far more threads than processors.</summary>
    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void Whole_training_steps_have_the_same_bits_on_1_to_64_threads(ComputePrecision precision)
    {
        var expected = Train(1, precision);
        foreach (var threads in new[] { 2, 3, 7, 16, 64 })
        {
            var actual = Train(threads, precision);
            for (var i = 0; i < expected.Count; i++) Assert.Equal(expected[i], actual[i]);
        }
    }

    /// <summary>The weights after two steps, and the losses.</summary>
    private static List<float[]> Train(int threads, ComputePrecision precision)
    {
        const int Rows = 2 * 67;
        var device = Device.CreateCpu(threads, precision);
        var config = new Gpt2Config { LayerCount = 2, HeadCount = 3, HiddenSize = 51, ContextLength = 67, VocabSize = 131, Dropout = 0.1 };
        var model = new Gpt2Model(config, new Weights(new InitialWeights(11), device));
        var optimizer = new AdamWConfig().Build(model.Parameters);
        var random = new RandomStream(5);
        var results = new List<float[]>();
        for (var step = 0UL; step < 2; step++)
        {
            var ids = Enumerable.Range(0, Rows + 1).Select(i => (int)random.Fork(step).Below(131, (ulong)i)).ToArray();
            using var tape = Tape.Start();
            var loss = model.Loss(Tensor.From(ids[..Rows], [Rows], device), Tensor.From(ids[1..], [Rows], device), new Pass(SequenceLayout.Batch(2, 67), Dropout: random.Fork(step)));
            results.Add([(float)loss.ToScalar()]);
            optimizer.Step(tape.Backward(loss).ClipNorm(1), 1e-3);
        }
        results.AddRange(model.Parameters.Select(parameter => parameter.Value.ToArray<float>()));
        return results;
    }
}
