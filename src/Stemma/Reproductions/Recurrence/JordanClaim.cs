using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Reproductions.Recurrence;

/// <summary>A plan that stands still becomes a sequence that moves: Jordan's network hears what it did last.</summary>
internal static class JordanClaim
{
    private const int Plans = 4, Steps = 8, Symbols = 5, Updates = 600;

    public static Reproduction Measure(ReproductionContext context)
    {
        var random = new RandomStream(1).Fork("recall");
        int[] sequences = [.. Enumerable.Range(0, Plans * Steps).Select(i => (int)random.Below(Symbols, (ulong)i))];
        var weights = new Weights(new InitialWeights(1), context.Device);
        var jordan = new Jordan(weights["jordan"], Plans, 24, Symbols);
        var still = SequenceReader.FixedWindow(weights["still"], Plans, 24, window: 1);
        var output = weights.Linear("output", still.Size, Symbols, new Initializer.Uniform(0.2));
        // The most that one symbol for a whole plan can get right.
        var most = sequences.Chunk(Steps).Sum(sequence => sequence.GroupBy(symbol => symbol).Max(group => group.Count())) / (double)sequences.Length;
        return new()
        {
            Measurements =
            [
                new("share recalled by Jordan's network", Share((plan, layout) => jordan.Forward(plan, layout).Output)),
                new("share recalled without feedback", Share((plan, layout) => output.Forward(still.Forward(plan, new Pass(layout))))),
                new("most that a constant can recall", most),
            ],
            Notes = $"{Plans} plans, each a vector that stays the same for {Steps} steps; each stands for a sequence of {Steps} out of {Symbols} symbols. {Updates} updates of Adam at 0.01.",
        };

        double Share(Func<Tensor, SequenceLayout, Tensor> net)
        {
            var plans = new float[Plans * Steps * Plans];
            for (var row = 0; row < Plans * Steps; row++) plans[row * Plans + row / Steps] = 1;
            var (x, targets, layout) = (Tensor.From(plans, [Plans * Steps, Plans], context.Device), Tensor.From(sequences, [sequences.Length], context.Device), SequenceLayout.Batch(Plans, Steps));
            var optimizer = new AdamConfig().Build(weights.All);
            for (var update = 0; update < Updates; update++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                using var scope = Memory.Scope();
                using var tape = Tape.Start();
                optimizer.Step(tape.Backward(net(x, layout).CrossEntropy(targets)).ClipNorm(1), 1e-2);
            }
            using var end = Memory.Scope();
            var said = net(x, layout).ToArray<float>().Chunk(Symbols).Select(scores => scores.AsSpan().IndexOf(scores.Max())).ToArray();
            return said.Zip(sequences).Count(pair => pair.First == pair.Second) / (double)sequences.Length;
        }
    }
}
