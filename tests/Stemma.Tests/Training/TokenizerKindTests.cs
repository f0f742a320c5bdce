using Stemma.Tests.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class TokenizerKindTests
{
    private static readonly Document[] s_documents = [.. Enumerable.Range(0, 60).Select(i => new Document($"{i}", $"The small cat {i} sat on the small mat, and the Café's cat saw the small rat {i * i}.\n"))];

    public static TheoryData<TokenizerConfig, int> Kinds => new() { { new UnigramTokenizerConfig { VocabSize = 330 }, 330 }, { new SentencePieceBpeTokenizerConfig { VocabSize = 330 }, 330 }, { new WordPieceTokenizerConfig { VocabSize = 100 }, 100 } };

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void A_run_s_tokenizer_of_any_kind_is_kept_in_its_folder(TokenizerConfig config, int size)
    {
        using var folder = new Stemma.Tests.Text.TemporaryFolder();
        var tokenizer = TokenizerBuilder.Build(config, [new InMemoryCorpus("text", s_documents)], s_documents, null, TestContext.Current.CancellationToken);
        Assert.InRange(tokenizer.VocabSize, size / 2, size);
        Assert.NotNull(tokenizer.EndOfText);
        TokenizerFolder.Save(tokenizer, folder.Path);
        var copy = TokenizerFolder.Load(folder.Path);
        Assert.Equal(tokenizer.Hash, copy.Hash);
        Assert.Equal(tokenizer.Encode(s_documents[7].Text), copy.Encode(s_documents[7].Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_SentencePiece_model_is_a_run_s_tokenizer(bool isBpe)
    {
        using var tiny = new TinyRun();
        using var folder = new Stemma.Tests.Text.TemporaryFolder();
        string[] texts = [await File.ReadAllTextAsync(tiny.Text, TestContext.Current.CancellationToken)];
        var model = isBpe ? new SentencePieceBpeTrainer { VocabSize = 300 }.Train(texts) : new UnigramTrainer { VocabSize = 300 }.Train(texts);
        model.Save(folder["some.model"]);
        var run = tiny.Run with { Tokenizer = new TokenizerFileConfig { Path = folder["some.model"] }, Steps = 4 };
        using (var session = TrainingSession.Start(run with { Steps = 2 }, folder["run"])) await TinyRun.All(session, TestContext.Current.CancellationToken);
        // The run needs the named file no more.
        File.Delete(folder["some.model"]);
        Assert.True(File.Exists(folder["run/tokenizer.model"]));
        Assert.False(File.Exists(folder["run/tokenizer.json"]));
        using (var resumed = TrainingSession.Resume(folder["run"])) Assert.Equal(model.Hash, resumed.Tokenizer.Hash);
        using var loaded = LanguageModel.Load(folder["run"]);
        Assert.Equal(model.Hash, loaded.Tokenizer.Hash);
        Assert.NotEmpty(string.Concat(loaded.Generate("The cat", new() { MaxTokens = 4 })));
    }

    [Fact]
    public void A_folder_has_one_tokenizer_under_the_name_of_its_format()
    {
        using var folder = new Stemma.Tests.Text.TemporaryFolder();
        var model = new UnigramTrainer { VocabSize = 400, Options = new() { ControlTokens = [Tokenizer.EndOfTextSpelling] } }.Train(s_documents.Select(document => document.Text));
        Assert.Contains("names another format", Assert.Throws<ArgumentException>(() => model.Save(folder["tokenizer.json"])).Message, StringComparison.Ordinal);
        Assert.Null(TokenizerFolder.Find(folder.Path));
        TokenizerFolder.Save(model.ToPipeline(), folder.Path, "source.");
        Assert.Equal(folder["source.tokenizer.json"], TokenizerFolder.Find(folder.Path, "source."));
        TokenizerFolder.Save(model, folder.Path, "source.");
        Assert.Equal([folder["source.tokenizer.model"]], Directory.GetFiles(folder.Path));
        Assert.Equal(model.Hash, TokenizerFolder.Load(folder.Path, "source.").Hash);
        Assert.Contains("There is no tokenizer at", Assert.Throws<FileNotFoundException>(() => TokenizerFolder.Load(folder.Path, "target.")).Message, StringComparison.Ordinal);
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
