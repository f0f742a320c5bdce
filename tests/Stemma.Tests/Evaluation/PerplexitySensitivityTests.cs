using Stemma.Evaluation;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Evaluation;

public sealed class PerplexitySensitivityTests
{
    private const string Sample = "a bäd cäb häd a däd; a däb häd a bäd fäd.";
    private static readonly Tokenizer s_tokenizer = new CharacterTrainer { SpecialTokens = ["<|endoftext|>"] }.Train([Sample]);
    private static readonly Corpus s_corpus = new InMemoryCorpus("two documents", [new Document("one", Sample), new Document("two", Sample[..20])]);
    private static readonly Gpt2Model s_model = new(
        new() { VocabSize = s_tokenizer.VocabSize, LayerCount = 1, HeadCount = 2, HiddenSize = 16, ContextLength = 12, InitializerRange = 0.3 }, new Weights(new InitialWeights(5), Device.Cpu));

    [Fact]
    public void Units_share_one_sum_of_surprise()
    {
        var found = PerplexitySensitivity.Of(s_model, s_tokenizer, s_corpus);
        var whole = Evaluator.Evaluate(s_model, s_tokenizer, s_corpus);
        Assert.Equal(["token", "word", "character", "byte"], found.Units.Select(unit => unit.Name));
        Assert.All(found.Units, unit => Assert.Equal(whole.LossNatsPerToken * whole.Tokens, unit.Nats * unit.Count, 1e-4));
        Assert.Equal(whole.Bytes, found.Units[3].Count);
        Assert.True(found.Units[2].Count < found.Units[3].Count, "ä is one character of two bytes.");
        Assert.Equal(whole.BitsPerByte, found.Units[3].Bits, 1e-6);
    }

    [Fact]
    public void Contexts_are_evaluations_with_their_strides_and_documents_alone()
    {
        var found = PerplexitySensitivity.Of(s_model, s_tokenizer, s_corpus);
        Assert.Equal(4, found.Contexts.Count);
        foreach (var (stride, context) in ((int[])[12, 6, 3]).Zip(found.Contexts))
            Assert.Equal(Evaluator.Evaluate(s_model, s_tokenizer, s_corpus, stride).LossNatsPerToken, context.Evaluation.LossNatsPerToken, 1e-6);
        var alone = found.Contexts[3].Evaluation;
        Assert.Equal(found.Contexts[0].Evaluation.Tokens, alone.Tokens);
        Assert.NotEqual(found.Contexts[0].Evaluation.LossNatsPerToken, alone.LossNatsPerToken, 1e-4);
    }
}
