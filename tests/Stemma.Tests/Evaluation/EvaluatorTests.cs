using Stemma.Evaluation;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private const string Sample = "a bad cab had a dad; a dab had a bad fad, and a cad had a bag.";
    private static readonly Tokenizer s_tokenizer = new CharacterTrainer().Train([Sample]);
    private static readonly Corpus s_corpus = new InMemoryCorpus("sample", [new Document("sample", Sample)]);

    private static Gpt2Model Model(Device? device = null) => new(
        new() { VocabSize = s_tokenizer.VocabSize, LayerCount = 2, HeadCount = 2, HiddenSize = 16, ContextLength = 12, InitializerRange = 0.3 },
        new Weights(new InitialWeights(5), device ?? Device.Cpu));

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    public void Every_token_but_the_first_is_scored_once(int? stride)
    {
        var evaluation = Evaluator.Evaluate(Model(), s_tokenizer, s_corpus, stride);
        Assert.Equal(Sample.Length - 1, evaluation.Tokens);
        Assert.Equal(Sample.Length - 1, evaluation.Bytes);
    }

    [Fact]
    public void Windows_together_equal_scores_one_by_one()
    {
        var model = Model();
        foreach (var stride in (int[])[3, 12])
        {
            var together = Evaluator.Evaluate(model, s_tokenizer, s_corpus, stride);
            var oneByOne = Evaluator.Evaluate(new Unbatched(model), s_tokenizer, s_corpus, stride);
            Assert.Equal(together.LossNatsPerToken, oneByOne.LossNatsPerToken, 1e-5);
            Assert.Equal(together.Tokens, oneByOne.Tokens);
        }
    }

    [Fact]
    public void Perplexity_bits_and_nats_are_one_number_in_three_units()
    {
        var evaluation = new Stemma.Evaluation.Evaluation(Math.Log(8), Tokens: 100, Bytes: 300);
        Assert.Equal(8, evaluation.Perplexity, 1e-9);
        Assert.Equal(1, evaluation.BitsPerByte, 1e-9); // 3 bits per token, 3 bytes per token
    }

    [Fact]
    public void A_model_that_knows_nothing_hesitates_among_all_tokens()
    {
        var model = new Gpt2Model(new() { VocabSize = s_tokenizer.VocabSize, LayerCount = 1, HeadCount = 1, HiddenSize = 8, ContextLength = 12, InitializerRange = 0 }, new Weights(new InitialWeights(1), Device.Cpu));
        Assert.Equal(s_tokenizer.VocabSize, Evaluator.Evaluate(model, s_tokenizer, s_corpus).Perplexity, 1e-3);
    }

    [Fact]
    public void A_stride_beyond_the_context_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => Evaluator.Evaluate(Model(), s_tokenizer, s_corpus, 13));
        Assert.Contains("stride of 13", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A model seen through its interface alone.</summary>
    private sealed class Unbatched(ILanguageModel model) : ILanguageModel
    {
        public int VocabSize => model.VocabSize;

        public int? ContextLength => model.ContextLength;

        public ISequenceState Start() => model.Start();

        public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits) => model.Advance(batch, logits);

        public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities) => model.Score(state, tokens, logProbabilities);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(4)]
    public void Documents_apart_are_each_a_text_of_their_own(int? stride)
    {
        using var folder = new TemporaryFolder();
        string[] texts = ["a bad cab", "dad had a fad; a dab had a bag, and a cad had a bad fad.", "b", "a cab had a bag"];
        var tokenizer = new CharacterTrainer { SpecialTokens = [Tokenizer.EndOfTextSpelling] }.Train(texts);
        var model = new Gpt2Model(
            new() { VocabSize = tokenizer.VocabSize, LayerCount = 2, HeadCount = 2, HiddenSize = 16, ContextLength = 12, InitializerRange = 0.3 }, new Weights(new InitialWeights(5), Device.Cpu));
        new ShardBuilder { Tokenizer = tokenizer }.Build(folder["a.tokens"], texts.Select((text, i) => new Document($"{i}", text)), null, TestContext.Current.CancellationToken);
        using var shard = TokenShard.Open(folder["a.tokens"], tokenizer.Hash);
        var apart = Evaluator.Evaluate(model, tokenizer, shard, stride, documentsApart: true);

        // By definition: what stands before a document's tokens is the end of the one before it, and nothing else.
        var (nats, count) = (0.0, 0L);
        for (var i = 0; i < texts.Length; i++)
        {
            int[] ids = [.. i == 0 ? (int[])[] : [tokenizer.EndOfText!.Value], .. tokenizer.Encode(texts[i]), tokenizer.EndOfText!.Value];
            var alone = Evaluator.Evaluate(model, tokenizer, ids, stride is null ? null : Math.Min(stride.Value, ids.Length - 1));
            nats += alone.LossNatsPerToken * alone.Tokens;
            count += alone.Tokens;
        }

        Assert.Equal(shard.Length - 1, apart.Tokens);
        Assert.Equal(count, apart.Tokens);
        Assert.Equal(nats / count, apart.LossNatsPerToken, 1e-5);
        var corpus = new InMemoryCorpus("texts", [.. texts.Select((text, i) => new Document($"{i}", text))]);
        Assert.Equal(apart, Evaluator.Evaluate(model, tokenizer, corpus, stride, documentsApart: true) with { Blocks = apart.Blocks });
        Assert.NotEqual(Evaluator.Evaluate(model, tokenizer, shard, stride).LossNatsPerToken, apart.LossNatsPerToken, 1e-5);
    }
}
