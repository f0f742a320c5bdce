using System.IO.Compression;
using Stemma.Models.Bert;
using Stemma.Models.Checkpoints;
using Stemma.Models.Electra;
using Stemma.Reproductions;
using Stemma.Reproductions.Encoders;
using Stemma.Training;
using Stemma.Training.Encoders;
using Xunit;

namespace Stemma.Tests.Reproductions;

/// <summary>The machinery of claims about encoders, on data of a few lines.</summary>
public sealed class EncoderClaimTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainRun _bert;

    public EncoderClaimTests()
    {
        File.WriteAllText(_folder["text.txt"], string.Join('\n', Enumerable.Range(0, 300).Select(i => $"the {(i % 3 == 0 ? "red" : "blue")} house number {i * 7 % 50} stands by the sea")));
        _bert = new()
        {
            Model = new BertConfig { LayerCount = 1, HiddenSize = 16, HeadCount = 2, IntermediateSize = 24, ContextLength = 64 },
            Data = _folder["text.txt"],
            Tokenizer = new BpeTokenizerConfig { VocabSize = 300 },
            Steps = 4,
            EvaluateEvery = 2,
            EvaluationTexts = 4,
            BatchSize = 4,
            MaxTokens = 16,
        };
    }

    private ReproductionContext Context => new() { DataFolder = _folder["data"], RunsFolder = _folder["runs"] };

    [Fact]
    public void Entities_are_measured_for_each_seed_and_again_without_training()
    {
        foreach (var file in EntityClaim.Files) Write(file, string.Concat(Enumerable.Repeat("New\tB-location\nYork\tI-location\n\t\nit\tO\nrains\tO\n\t\n", 6)));
        var first = EntityClaim.Measure(Context, _bert, epochs: 1, seeds: [1, 2]);
        var claim = Claims.Find("entities-wnut17");
        Assert.All(claim.Bands, band => Assert.Contains(first.Measurements, measurement => measurement.Name == band.Measure));
        var (scratch, tuned) = (Value(first, "entity F1 (%), from scratch"), Value(first, "entity F1 (%), pretrained"));
        Assert.Equal(tuned - scratch, Value(first, "entity F1 (%) gained"), 1e-9);
        string[] runs = [_folder["runs/pretraining-long"], .. Directory.GetDirectories(_folder["runs/tuned"])];
        Assert.Equal(["pretraining-long", "wnut17-pretraining-long-1", "wnut17-pretraining-long-2", "wnut17-scratch-1", "wnut17-scratch-2"], runs.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var written = runs.Select(run => File.GetLastWriteTimeUtc(Path.Combine(run, "optimizer.safetensors"))).ToArray();
        Assert.Equal(first.Measurements, EntityClaim.Measure(Context, _bert, epochs: 1, seeds: [1, 2]).Measurements);
        Assert.Equal(written, runs.Select(run => File.GetLastWriteTimeUtc(Path.Combine(run, "optimizer.safetensors"))));
        Assert.Contains("another run", Assert.Throws<ConfigurationException>(() => EntityClaim.Measure(Context, _bert, epochs: 2, seeds: [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("another run", Assert.Throws<ConfigurationException>(() => EntityClaim.Measure(Context, _bert with { Steps = 5 }, epochs: 1, seeds: [1, 2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_are_asked_once_and_never_about_an_article_learned_from()
    {
        string[] articles = [.. Enumerable.Range(0, 10).Select(i => $$"""{"paragraphs":[{"context":"house {{i}} is red and stands by the sea","qas":[{"question":"what is house {{i}}?","answers":[{"text":"red","answer_start":11}]}]}]}""")];
        Write(QuestionClaim.DataFile, $$"""{"data":[{{string.Join(',', articles)}}]}""");
        var parts = QuestionClaim.Split(Context.Data(QuestionClaim.DataFile), _folder["parts"], folds: 5);
        var asked = parts.Select(part => Texts(part.Test)).ToArray();
        Assert.Equal(10, asked.SelectMany(texts => texts).Distinct().Count());
        foreach (var (part, texts) in parts.Zip(asked))
        {
            Assert.Equal(10, texts.Concat(Texts(part.Train)).Concat(Texts(part.Valid)).Distinct().Count());
            Assert.Equal((2, 5, 3), (texts.Length, Texts(part.Train).Length, Texts(part.Valid).Length));
        }
        var measured = QuestionClaim.Measure(Context, _bert with { MaxTokens = 24 }, epochs: 1, folds: 2);
        Assert.All(Claims.Find("questions-xquad").Bands, band => Assert.Contains(measured.Measurements, measurement => measurement.Name == band.Measure));
        Assert.Equal(10, Value(measured, "questions asked, all folds"));
        Assert.Contains("too few", Assert.Throws<ConfigurationException>(() => QuestionClaim.Split(Context.Data(QuestionClaim.DataFile), _folder["parts"], folds: 6)).Message, StringComparison.Ordinal);

        static string[] Texts(string path) => [.. LabelledFiles.Questions(path).Select(question => question.Text)];
    }

    [Fact]
    public void A_words_own_vector_tells_no_senses_and_only_whole_inner_small_words_count()
    {
        string[] sentences = [.. Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? Sentence(("a", "DET"), ("house", "NOUN"), ("by", "ADP"), ("sea", "NOUN")) : Sentence(("to", "PART"), ("house", "VERB"), ("the", "DET"), ("sea", "VERB")))];
        foreach (var file in SenseClaim.Files) Write(file, string.Concat(sentences) + Sentence(("house", "NOUN"), ("House", "NOUN"), ("house", "PROPN")));
        var measured = SenseClaim.Measure(Context, _bert, least: 12, folds: 3);
        Assert.All(Claims.Find("senses-in-context").Bands, band => Assert.Contains(measured.Measurements, measurement => measurement.Name == band.Measure));
        // Two of three are verbs, and that is all that one vector tells.
        Assert.Equal(200 / 3.0, Value(measured, "accuracy (%), the word's own vector"), 1e-9);
        Assert.Equal((2, 72), (Value(measured, "forms"), Value(measured, "occurrences")));
        Assert.True(Value(measured, "accuracy (%), in context") > 200 / 3.0);

        var folder = _folder["runs/pretraining-long"];
        var tokens = TuningTasks.TokensOf(folder, EncoderCheckpoint.Load(folder).Config);
        var tagged = LabelledFiles.Tags(Context.Data(SenseClaim.Files[0]));
        foreach (var form in SenseClaim.Forms(tagged, tokens, 16, least: 4))
            Assert.All(form.Places, place => Assert.Equal(" " + form.Word, tokens.Tokenizer.Decode(place.Tokens.AsSpan(place.Start..place.End))));
        Assert.Empty(SenseClaim.Forms(tagged, tokens, 3, least: 4));
        Assert.Contains("a comparison needs two", Assert.Throws<ConfigurationException>(() => SenseClaim.Measure(Context, _bert, least: 13, folds: 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replaced_tokens_get_as_many_operations_as_hidden_ones()
    {
        foreach (var file in PretrainingClaim.Files[..3]) Write(file, string.Concat(Enumerable.Repeat(Sentence(("a", "DET"), ("house", "NOUN")), 8)));
        foreach (var file in PretrainingClaim.Files[3..]) Write(file, string.Concat(Enumerable.Repeat("a red house\t1\na blue sea\t0\n", 4)));
        var electra = _bert with { Model = new ElectraConfig { LayerCount = 1, HiddenSize = 16, EmbeddingSize = 8, HeadCount = 2, IntermediateSize = 24, ContextLength = 64 }, Objective = new ReplacedObjective() };
        // 64 tokens, of which 9.6 are hidden; 304 in the vocabulary.
        const double block = 4 * 16 * 16 + 2 * 16 * 24, small = 4 * 8 * 8 + 2 * 8 * 12;
        Assert.Equal(64 * (6 * block + 12 * 16 * 16) + 9.6 * 6 * 16 * (16 + 304), ElectraClaim.UpdateFlops(_bert), 1e-6);
        Assert.Equal(
            64 * (6 * (block + 8 * 16) + 12 * 16 * 16 + 6 * 16 * 17) + 64 * (6 * small + 12 * 8 * 16) + 9.6 * 6 * 8 * (8 + 304), ElectraClaim.UpdateFlops(electra), 1e-6);
        var measured = ElectraClaim.Measure(Context, _bert with { Steps = 20, EvaluateEvery = 10 }, electra, tagEpochs: 1, moodEpochs: 1, seeds: [1, 2]);
        Assert.All(Claims.Find("electra-equal-flops").Bands, band => Assert.Contains(measured.Measurements, measurement => measurement.Name == band.Measure));
        Assert.InRange(Value(measured, "operations of pretraining, replaced ÷ masked"), 0.9, 1);
    }

    [Fact]
    public void Spans_are_said_then_pairs_translated_and_the_same_from_scratch()
    {
        foreach (var file in SpanCorruptionClaim.Files)
        {
            var german = file.Contains(".de.", StringComparison.Ordinal);
            Write(file, string.Concat(Enumerable.Range(0, 40).Select(i => german ? $"Das Haus Nummer {i % 7} steht am Meer\n" : $"The house number {i % 7} stands by the sea\n")));
        }
        var spans = _bert with { Objective = new SpanObjective { Model = new() { LayerCount = 1, DecoderLayerCount = 1, HeadCount = 2, HeadSize = 4, HiddenSize = 8, IntermediateSize = 12 } } };
        var measured = SpanCorruptionClaim.Measure(Context, spans, epochs: 1);
        Assert.All(Claims.Find("span-corruption-multi30k").Bands, band => Assert.Contains(measured.Measurements, measurement => measurement.Name == band.Measure));
        Assert.Equal(Value(measured, "BLEU, pretrained") - Value(measured, "BLEU, from scratch"), Value(measured, "BLEU gained"), 1e-9);
        Assert.NotEqual(Value(measured, "held-out perplexity, pretrained"), Value(measured, "held-out perplexity, from scratch"));
        // Each language by itself, in small letters, once.
        var text = File.ReadAllLines(_folder["runs/span-corruption-multi30k/text/train.both"]);
        Assert.Equal((80, "das haus nummer 0 steht am meer", "the house number 4 stands by the sea"), (text.Length, text[0], text[^1]));
        var written = File.GetLastWriteTimeUtc(_folder["runs/span-corruption-multi30k/tuned/optimizer.safetensors"]);
        Assert.Equal(measured.Measurements, SpanCorruptionClaim.Measure(Context, spans, epochs: 1).Measurements);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder["runs/span-corruption-multi30k/tuned/optimizer.safetensors"]));
    }

    public void Dispose() => _folder.Dispose();

    private static double Value(Reproduction reproduction, string name) => reproduction.Measurements.Single(measurement => measurement.Name == name).Value;

    private static string Sentence(params (string Word, string Tag)[] words) => string.Concat(words.Select((word, i) => $"{i + 1}\t{word.Word}\t_\t{word.Tag}\t_\t_\t_\t_\t_\t_\n")) + "\n";

    private void Write(string file, string text)
    {
        var path = _folder[$"data/{file}"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
        {
            File.WriteAllText(path, text);
            return;
        }
        using var stream = new GZipStream(File.Create(path), CompressionMode.Compress);
        using var writer = new StreamWriter(stream);
        writer.Write(text);
    }
}
