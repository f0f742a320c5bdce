using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>The one-file GPT of lab 01 is the library's GPT-2.</summary>
public sealed class NanoGptTests
{
    private const int Vocab = 40, Context = 16, Batch = 4;

    [Fact]
    public void Trained_from_the_same_weights_on_the_same_batches_it_loses_what_the_librarys_model_loses()
    {
        var config = new Gpt2Config { VocabSize = Vocab, ContextLength = Context, LayerCount = 2, HeadCount = 4, HiddenSize = 32 };
        var library = config.Build(new Weights(new InitialWeights(11), Device.Cpu));
        var lab = new NanoGpt(Vocab, Context, layers: 2, heads: 4, hidden: 32, new(12));
        var weights = lab.Weights.ToDictionary();
        Assert.Equal(library.Parameters.Select(p => p.Name["transformer.".Length..]).Order(), weights.Keys.Order());
        foreach (var weight in library.Parameters) weights[weight.Name["transformer.".Length..]].CopyFrom(weight.Value);

        var (libraryOptimizer, labOptimizer, random) = (new AdamWConfig().Build(library.Parameters), new NanoAdamW(lab.Weights), new RandomStream(13));
        for (var step = 0; step < 20; step++)
        {
            var tokens = Enumerable.Range(0, Batch * (Context + 1)).Select(i => (int)random.Below(Vocab / 4, (ulong)(step * 1000 + i))).ToArray();
            int[] inputs = [.. tokens.Chunk(Context + 1).SelectMany(row => row[..^1])], targets = [.. tokens.Chunk(Context + 1).SelectMany(row => row[1..])];
            Assert.Equal(LibraryStep(inputs, targets), LabStep(inputs, targets), 1e-4);
        }

        double LibraryStep(int[] inputs, int[] targets)
        {
            using var tape = Tape.Start();
            var loss = library.Loss(Tensor.From(inputs, [inputs.Length]), Tensor.From(targets, [targets.Length]), new Pass(SequenceLayout.Batch(Batch, Context)));
            libraryOptimizer.Step(tape.Backward(loss).ClipNorm(1), 3e-3);
            return loss.ToScalar();
        }

        double LabStep(int[] inputs, int[] targets)
        {
            using var tape = Tape.Start();
            var loss = lab.Loss(inputs, targets, Batch);
            labOptimizer.Step(tape.Backward(loss).ClipNorm(1), 3e-3);
            return loss.ToScalar();
        }
    }

    [Fact]
    public void It_learns_its_sonnets()
    {
        var characters = Sonnets.Text.Distinct().Order().ToArray();
        int[] tokens = [.. Sonnets.Text.Select(c => Array.BinarySearch(characters, c))];
        var model = new NanoGpt(characters.Length, 32, layers: 1, heads: 2, hidden: 32, new(3));
        var optimizer = new NanoAdamW(model.Weights);
        var losses = new List<double>();
        for (var step = 0; step < 40; step++)
        {
            var start = step * 29 % (tokens.Length - 129);
            using var tape = Tape.Start();
            var loss = model.Loss(tokens[start..(start + 128)], tokens[(start + 1)..(start + 129)], 4);
            losses.Add(loss.ToScalar());
            optimizer.Step(tape.Backward(loss).ClipNorm(1), 1e-2);
        }
        Assert.Equal(Math.Log(characters.Length), losses[0], 0.1);
        Assert.True(losses[^1] < 3, $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.Equal(26, model.Sample([0], 25, new(4), 0.8).Count);
    }
}
