using System.CommandLine;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models.Seq2Seq;
using Stemma.Models.Transformer2017;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Pairs;

namespace Stemma.Cli.Training;

/// <summary>The options of <c>stemma translate train</c>, and the run they describe.</summary>
internal sealed class TranslateTrainOptions
{
    private static readonly PairRun s_usual = new();
    private static readonly Seq2SeqConfig s_model = new();

    private readonly Option<string> _source = File("--source", "Sources, one a line (.gz is unpacked).");
    private readonly Option<string> _target = File("--target", "Targets, one a line.");
    private readonly Option<string> _validSource = File("--valid-source", "Held-out sources.");
    private readonly Option<string> _validTarget = File("--valid-target", "Held-out targets.");
    private readonly Option<bool> _lowercase = new("--lowercase") { Description = "Make letters small first, on either side." };
    private readonly Option<string> _tokenizer = Choice("--tokenizer", "How lines become tokens", "bpe", "char", "word");
    private readonly Option<int?> _vocabSize = new("--vocab-size") { HelpName = "number", Description = "Tokens of each side: of bpe, or the most frequent words. [default: 4096, all words]" };
    private readonly Option<string> _pretrained = new("--pretrained") { HelpName = "folder", Description = "A T5 or BART to go on from, with its tokenizer and its sizes: what `stemma pretrain --objective span` makes, or one of Hugging Face. The result is such a folder." };
    private readonly Option<string> _model = Choice("--model", "What the encoder and the decoder are made of", "recurrent", "transformer");
    private readonly Option<bool> _shared = new("--shared-vocabulary") { Description = "One tokenizer, and in a Transformer one table of vectors, for both sides." };
    private readonly Option<int> _heads = Options.Number("--heads", "Attention heads of a Transformer's blocks.", 4, 1, 1 << 10);
    private readonly Option<int> _inner = Options.Number("--inner", "Channels inside a Transformer's feed-forward layers.", 512, 1, 1 << 16);
    private readonly Option<string> _attention = Choice("--attention", "How the decoder looks at the source; the first after a step (Luong), bahdanau before it", "general", "dot", "scaled-dot", "concat", "bahdanau", "none");
    private readonly Option<string> _cell = Choice("--cell", "Recurrent layers", "lstm", "gru");
    private readonly Option<int> _hidden = Options.Number("--hidden", "Units of the decoder, whose encoder has half as many in either direction; a Transformer's channels.", s_model.HiddenSize, 2, 1 << 16);
    private readonly Option<int> _embedding = Options.Number("--embedding", "Channels of a token's vector.", s_model.EmbeddingSize, 1, 1 << 16);
    private readonly Option<int> _layers = Options.Number("--layers", "Layers on either side.", s_model.LayerCount, 1, 64);
    private readonly Option<double> _dropout = Options.Number("--dropout", "Probability with which an element is dropped while training.", 0.3, 0, 0.99);
    private readonly Option<double> _smoothing = Options.Number("--label-smoothing", "Share of a target's probability that is spread over all tokens.", 0.1, 0, 0.99);
    private readonly Option<double> _sampling = Options.Number("--scheduled-sampling", "Probability, at the last update, with which the decoder reads its own word instead of the target's.", 0.0, 0, 1);
    private readonly Option<int> _epochs = Options.Number("--epochs", "Passes over the pairs.", s_usual.Epochs, 1, 1_000_000);
    private readonly Option<int> _batch = Options.Number("--batch-size", "Pairs per update.", s_usual.BatchSize, 1, 1 << 16);
    private readonly Option<double> _rate = Options.Number("--learning-rate", "Adam's highest rate.", 1e-3, 0, 100);
    private readonly Option<string> _schedule = Choice("--schedule", "How the rate falls after the warm-up", "cosine", "inverse-sqrt");
    private readonly Option<int> _warmup = Options.Number("--warmup", "Updates over which the rate rises.", 200, 0, 1_000_000);
    private readonly Option<int> _maxTokens = Options.Number("--max-tokens", "Longer pairs are left out; 0 for none.", s_usual.Data.MaxTokens, 0, 1 << 20);
    private readonly Option<ulong> _seed = Options.Number("--seed", "Decides the run.", s_usual.Seed, ulong.MinValue, ulong.MaxValue);
    private readonly Option<string> _out = new("--out") { HelpName = "folder", Description = "Where to save. [default: runs/<source>-<number>]" };
    private readonly Option<string> _resume = new("--resume") { HelpName = "folder", Description = "Go on with a run." };

    public Option<int> Threads { get; } = Options.Threads();

    public Option<bool> Json { get; } = Options.Json();

    public IEnumerable<Option> All => [
        _source, _target, _validSource, _validTarget, _lowercase, _tokenizer, _vocabSize, _shared, _pretrained, _model, _attention, _cell, _hidden, _embedding, _heads, _inner, _layers, _dropout, _smoothing,
        _sampling, _epochs, _batch, _rate, _schedule, _warmup, _maxTokens, _seed, _out, _resume, Threads, Json];

    /// <summary>The folder of the run to go on with; null for a new one.</summary>
    public string? Resumed(ParseResult parsed)
    {
        if (parsed.GetValue(_resume) is not { } folder) return null;
        var other = All.Except([_resume, Threads, Json]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return other is null ? folder : throw new MisuseException($"--resume goes on with a run as it was begun; {other.Name} has no meaning beside it.");
    }

    /// <summary>Where a new run is saved.</summary>
    public string Folder(ParseResult parsed) => parsed.GetValue(_out) ?? TrainOptions.FreeFolder(parsed.GetValue(_source)!);

    /// <summary>The run that the options describe.</summary>
    /// <exception cref="MisuseException">A file is not named.</exception>
    public PairRun Read(ParseResult parsed) => new()
    {
        Pretrained = Pretrained(parsed),
        Model = parsed.GetValue(_model) == "transformer" ? Transformer(parsed) : Recurrent(parsed),
        SharedVocabulary = parsed.GetValue(_shared),
        Data = new()
        {
            Source = Named(parsed, _source),
            Target = Named(parsed, _target),
            ValidSource = Named(parsed, _validSource),
            ValidTarget = Named(parsed, _validTarget),
            Lowercase = parsed.GetValue(_lowercase),
            MaxTokens = parsed.GetValue(_maxTokens),
        },
        Tokenizer = TokenizerOf(parsed.GetValue(_tokenizer)!, parsed.GetValue(_vocabSize)),
        Schedule = parsed.GetValue(_schedule) == "cosine"
            ? new CosineSchedule { LearningRate = parsed.GetValue(_rate), FinalLearningRate = parsed.GetValue(_rate) / 20, WarmupSteps = parsed.GetValue(_warmup) }
            : new InverseSquareRootSchedule { LearningRate = parsed.GetValue(_rate), WarmupSteps = parsed.GetValue(_warmup) },
        Epochs = parsed.GetValue(_epochs),
        BatchSize = parsed.GetValue(_batch),
        LabelSmoothing = parsed.GetValue(_smoothing),
        ScheduledSampling = parsed.GetValue(_sampling),
        Seed = parsed.GetValue(_seed),
    };

    private string Pretrained(ParseResult parsed)
    {
        if (parsed.GetValue(_pretrained) is not { } folder) return "";
        Option[] decided = [_lowercase, _tokenizer, _vocabSize, _shared, _model, _attention, _cell, _hidden, _embedding, _heads, _inner, _layers, _dropout];
        var other = decided.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return other is null ? folder : throw new MisuseException($"--pretrained takes sizes and tokenizer from {folder}; {other.Name} has no meaning beside it.");
    }

    private Seq2SeqConfig Recurrent(ParseResult parsed)
    {
        Refuse(parsed, "recurrent", _heads, _inner);
        return new()
        {
            EmbeddingSize = parsed.GetValue(_embedding),
            HiddenSize = parsed.GetValue(_hidden),
            LayerCount = parsed.GetValue(_layers),
            Cell = parsed.GetValue(_cell) == "gru" ? new GruCellConfig() : new LstmCellConfig(),
            Attention = AttentionOf(parsed.GetValue(_attention)!),
            Dropout = parsed.GetValue(_dropout),
        };
    }

    private Transformer2017Config Transformer(ParseResult parsed)
    {
        Refuse(parsed, "transformer", _attention, _cell, _embedding);
        return new()
        {
            HiddenSize = parsed.GetValue(_hidden),
            IntermediateSize = parsed.GetValue(_inner),
            HeadCount = parsed.GetValue(_heads),
            LayerCount = parsed.GetValue(_layers),
            Dropout = parsed.GetValue(_dropout),
            SharedEmbeddings = parsed.GetValue(_shared),
        };
    }

    private static void Refuse(ParseResult parsed, string model, params Option[] options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other)
            throw new MisuseException($"{other.Name} has no meaning for --model {model}. Leave it out.");
    }

    private static string Named(ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) ?? throw new MisuseException($"{option.Name} is missing: pairs need --source and --target, and --valid-source and --valid-target to be measured on.");

    private static Seq2SeqAttentionConfig AttentionOf(string name) => name switch
    {
        "none" => new NoAttentionConfig(),
        "bahdanau" => new BahdanauAttentionConfig(),
        "dot" => new LuongAttentionConfig { Score = new DotScoreConfig() },
        "scaled-dot" => new LuongAttentionConfig { Score = new ScaledDotScoreConfig() },
        "concat" => new LuongAttentionConfig { Score = new ConcatScoreConfig() },
        _ => new LuongAttentionConfig { Score = new GeneralScoreConfig() },
    };

    private static TokenizerConfig TokenizerOf(string name, int? size) => (name, size) switch
    {
        ("char", null) => new CharacterTokenizerConfig(),
        ("char", _) => throw new MisuseException("--vocab-size has no meaning for characters: every one of the text has a token."),
        ("word", _) => new WordTokenizerConfig { VocabSize = size ?? 0 },
        _ => new BpeTokenizerConfig { VocabSize = size ?? 4096 },
    };

    private static Option<string> File(string name, string description) => new(name) { HelpName = "file", Description = description };

    private static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { HelpName = string.Join('|', choices), Description = $"{description}: {string.Join(", ", choices)}. [default: {choices[0]}]", DefaultValueFactory = _ => choices[0] };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }
}
