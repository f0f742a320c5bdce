using Stemma.Layers;
using Stemma.Models.TextCnn;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Models.TextCnn;

public sealed class TextCnnTests
{
    private static readonly TextCnnConfig s_config = new() { VocabSize = 30, ClassCount = 3, EmbeddingSize = 12, FeatureCount = 8 };

    private static TextCnnModel Model() => new(s_config, new Weights(new InitialWeights(4), Device.Cpu));

    [Fact]
    public void A_sentence_alone_is_what_it_is_beside_others()
    {
        var model = Model();
        int[][] sentences = [[1, 2, 3, 4, 5, 6, 7], [8], [9, 1], [3, 3, 3, 3]];
        var together = model.Logits(sentences).ToArray<float>();
        for (var s = 0; s < sentences.Length; s++) Assert.Equal(together[(3 * s)..(3 * s + 3)], model.Logits([sentences[s]]).ToArray<float>());
    }

    [Fact]
    public void Logits_are_those_of_the_definition()
    {
        var weights = new Weights(new InitialWeights(4), Device.Cpu);
        var model = new TextCnnModel(s_config, weights);
        int[] sentence = [5, 11, 2];
        var w = weights.All.ToDictionary(p => p.Name, p => p.Value.ToArray<float>());
        var features = new List<double>();
        foreach (var width in s_config.Widths)
        {
            for (var f = 0; f < 8; f++)
            {
                var best = 0.0;
                for (var start = 1 - width; start < sentence.Length; start++)
                {
                    double sum = w[$"convolution.{width}.bias"][f];
                    for (var k = 0; k < width; k++)
                        for (var c = 0; c < 12 && start + k >= 0 && start + k < sentence.Length; c++)
                            sum += w[$"convolution.{width}.weight"][(f * 12 + c) * width + k] * w["words.weight"][sentence[start + k] * 12 + c];
                    best = Math.Max(best, sum);
                }
                features.Add(best);
            }
        }
        var expected = Enumerable.Range(0, 3).Select(c => w["output.bias"][c] + features.Select((v, i) => v * w["output.weight"][c * 24 + i]).Sum()).ToArray();
        Golden.Close(expected, model.Logits([sentence]).ToArray<float>(), 3e-6, "logits");
    }

    [Fact]
    public void It_finds_a_pair_of_words_wherever_it_stands()
    {
        // The class is which pair stands somewhere in the noise; the same words apart mean nothing.
        var random = new RandomStream(8);
        var sentences = Enumerable.Range(0, 460).Select(i =>
        {
            var (own, kind) = (random.Fork((ulong)i), i % 3);
            var words = Enumerable.Range(0, 6 + i % 7).Select(k => 10 + (int)own.Below(20, (ulong)k)).ToList();
            words.InsertRange((int)own.Below(words.Count, 99), [1 + kind, 4 + kind]);
            words.Insert(0, 1 + (kind + 1) % 3);
            words.Add(4 + (kind + 2) % 3);
            return new LabelledSentence([.. words], kind);
        }).ToArray();
        var model = Model();
        var accuracies = new TextCnnTrainer { Epochs = 8, BatchSize = 20, LearningRate = 5e-3 }.Train(model, sentences[..360], sentences[360..]).ToArray();
        Assert.True(accuracies.Max() > 0.95, $"{accuracies.Max()}");
        Assert.Equal(accuracies.Max(), TextCnnTrainer.Accuracy(model, sentences[360..]), 1e-9);
        Assert.All(model.Output.Weight.Value.ToArray<float>().Chunk(24), row => Assert.True(Math.Sqrt(row.Sum(v => v * v)) <= 3.0001));
    }
}
