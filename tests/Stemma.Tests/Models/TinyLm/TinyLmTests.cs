using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Models.TinyLm;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Models.TinyLm;

/// <summary>The tutorials' tiny Transformer, against one of PyTorch's own layers.</summary>
public sealed class TinyLmTests
{
    [Fact]
    public void Two_texts_of_ten_tokens_have_logits_of_two_by_ten_by_the_vocabulary()
    {
        var model = new TinyLmModel(new TinyLmConfig { VocabSize = 1000 }, new Weights(new InitialWeights(1), Device.Cpu));
        int[] ids = [.. Enumerable.Range(0, 20).Select(i => (int)new RandomStream(2).Below(1000, (ulong)i))];
        Assert.Equal(Shape.Create([2, 10, 1000]), model.Logits(Tensor.From(ids, [20]), new(SequenceLayout.Batch(2, 10))).Reshape(2, 10, 1000).Shape);
    }

    [Theory, InlineData("cpu"), InlineData("reference")]
    public void Logits_loss_and_gradients_are_pytorchs(string device)
    {
        var (golden, model) = (Golden.Load("models/tiny-lm/tiny-lm.json"), Load(device == "cpu" ? Device.Cpu : Device.Reference));
        var rows = golden.At("ids").Rows();
        var inputs = Tensor.From([.. rows.SelectMany(row => row)], [20], model.Device);
        Golden.Close(golden.At("logits").Doubles(), model.Logits(inputs, new(SequenceLayout.Batch(2, 10))).ToArray<float>(), 1e-4, "logits");
        int[] targets = [.. rows.SelectMany(row => row.Skip(1).Append(TensorOps.IgnoreIndex))];
        using var tape = Tape.Start();
        var loss = model.Loss(inputs, Tensor.From(targets, [20], model.Device), new(SequenceLayout.Batch(2, 10)));
        Assert.Equal(golden.At("loss").GetDouble(), loss.ToScalar(), 1e-5);
        var gradients = tape.Backward(loss);
        foreach (var weight in model.Parameters)
        {
            var (norm, expected) = (Math.Sqrt(gradients[weight].ToArray<float>().Sum(x => (double)x * x)), golden.At("gradients", weight.Name).GetDouble());
            Assert.True(Math.Abs(norm - expected) <= 1e-4 * expected + 1e-6, $"{weight.Name}: {norm:G6}, expected {expected:G6}");
        }
    }

    [Fact]
    public void Cached_decoding_equals_reading_at_once_and_nothing_sees_ahead()
    {
        var model = Load(Device.Cpu);
        int[] ids = [5, 900, 31, 4, 77, 12];
        double[] expected = [.. model.Logits(Tensor.From(ids, [6]), new(SequenceLayout.Packed(6))).ToArray<float>()];
        var (actual, logits) = (new List<float>(), new float[model.VocabSize]);
        using var state = model.Start();
        foreach (var id in ids)
        {
            model.Advance([new(state, new[] { id }, Wanted.Last)], logits);
            actual.AddRange(logits);
        }
        Golden.Close(expected, actual.ToArray(), 1e-5, "word by word");
        int[] other = [.. ids[..5], 13];
        Assert.Equal(expected[..5000], model.Logits(Tensor.From(other, [6]), new(SequenceLayout.Packed(6))).ToArray<float>().Take(5000).Select(x => (double)x));
    }

    private static TinyLmModel Load(Device device)
    {
        using var file = SafetensorsFile.Open("Fixtures/models/tiny-lm/tiny-lm.safetensors");
        var source = new CheckpointWeights(file, name => new(name, Transposed: false));
        var model = new TinyLmModel(new() { VocabSize = 1000, HiddenSize = 16, HeadCount = 4, IntermediateSize = 24, ContextLength = 12 }, new Weights(source, device));
        source.ExpectNoOthers(_ => false);
        return model;
    }
}
