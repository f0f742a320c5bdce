using Stemma.Tests.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class TokenizerKindTests
{
    private static readonly Document[] s_documents = [.. Enumerable.Range(0, 60).Select(i => new Document($"{i}", $"The small cat {i} sat on the small mat, and the Café's cat saw the small rat {i * i}.\n"))];

    public static TheoryData<TokenizerConfig, int> Kinds => new() { { new UnigramTokenizerConfig { VocabSize = 330 }, 330 }, { new WordPieceTokenizerConfig { VocabSize = 100 }, 100 } };

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void A_run_s_tokenizer_of_any_kind_is_a_tokenizer_json(TokenizerConfig config, int size)
    {
        using var folder = new Stemma.Tests.Text.TemporaryFolder();
        var tokenizer = TokenizerBuilder.Build(config, [new InMemoryCorpus("text", s_documents)], s_documents, null, TestContext.Current.CancellationToken);
        Assert.InRange(tokenizer.VocabSize, size / 2, size);
        Assert.NotNull(tokenizer.EndOfText);
        tokenizer.Save(folder["tokenizer.json"]);
        var copy = Tokenizer.Load(folder["tokenizer.json"]);
        Assert.Equal(tokenizer.Hash, copy.Hash);
        Assert.Equal(tokenizer.Encode(s_documents[7].Text), copy.Encode(s_documents[7].Text));
    }

    [Fact]
    public void Unigram_as_a_pipeline_is_the_model_it_came_from()
    {
        var model = new UnigramTrainer { VocabSize = 400, Options = new() { ControlTokens = [Tokenizer.EndOfTextSpelling] } }.Train(s_documents.Select(document => document.Text));
        var pipeline = model.ToPipeline();
        for (var seed = 0; seed < 60; seed++)
        {
            // A ▁ in a text is a space to tokenizer.json, and text of its own to SentencePiece.
            var text = (RandomText.Next(new Random(seed), 20) + s_documents[seed].Text + "<0x41> <|endoftext|>").Replace('▁', '_');
            Assert.Equal(model.Encode(text), pipeline.Encode(text));
            Assert.Equal(text, pipeline.Decode(pipeline.Encode(text)));
        }
    }
}
