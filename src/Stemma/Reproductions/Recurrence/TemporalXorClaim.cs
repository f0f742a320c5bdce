using Stemma.Layers;
using Stemma.Models.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Tasks;

namespace Stemma.Reproductions.Recurrence;

/// <summary>Elman's network finds the threes in a row of bits.</summary>
internal static class TemporalXorClaim
{
    public static Reproduction Measure(ReproductionContext context)
    {
        const int Batch = 16, Threes = 12, Updates = 400;
        var model = new RnnConfig { VocabSize = 2, HiddenSize = 16, LayerCount = 1, InitializerRange = 0.5 }.Build(new Weights(new InitialWeights(1), context.Device));
        var (optimizer, random) = (new AdamConfig().Build(model.Parameters), new RandomStream(1).Fork("xor"));
        for (var update = 0; update < Updates; update++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var bits = TemporalXor.Draw(Batch, Threes, random.Fork((ulong)update), context.Device);
            optimizer.Step(tape.Backward(model.Loss(bits.Inputs, bits.Targets, new Pass(bits.Layout))).ClipNorm(1), 1e-2);
        }
        using var end = Memory.Scope();
        var test = TemporalXor.Draw(100, Threes, random.Fork("test"), context.Device);
        var losses = model.Logits(test.Inputs, new Pass(test.Layout)).CrossEntropyRows(test.Targets).ToArray<float>();
        return new()
        {
            Measurements = [new("bits of a third bit", Mean(true)), new("bits of the others", Mean(false))],
            Notes = $"{Threes} threes a sequence, {Updates} updates of {Batch} sequences, 16 tanh units. A bit that cannot be known costs one bit.",
        };

        double Mean(bool predictable) => losses.Where((_, i) => TemporalXor.IsPredictable(i % (3 * Threes)) == predictable).Average() / Math.Log(2);
    }
}
