using System.CommandLine;
using System.Globalization;
using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>The options of <c>stemma train</c>. Most are short names of settings; all become one <see cref="TrainingRun"/>.</summary>
internal sealed class TrainOptions
{
    private const string UsualPreset = "docs";
    private const int UsualRangeSteps = 200;

    /// <summary>What a run takes at most where nothing was said of its length.</summary>
    private static readonly TimeSpan s_usualTime = TimeSpan.FromSeconds(210);

    private readonly Option<string> _data = Text("--data", "text", "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]");
    private readonly Option<string> _tokenizer = Text("--tokenizer", "kind|path", "char (a token per character); bpe, unigram, sentencepiece-bpe or wordpiece (trained on the text); word (a token per word); or a file: tokenizer.json, a SentencePiece .model and the other formats of tokenizers. [default: the preset's]");
    private readonly Option<string> _vocabSize = Text("--vocab-size", "number", "Tokens of the tokenizer that is trained (tokenizer.vocab_size).");
    private readonly Option<string> _preset = Text("--preset", "name", $"What to start from: {string.Join(", ", Presets.Names)}. docs is a GPT-2 style; transformer-2017, llama and mixture are the same run with the parts of other years. [default: {UsualPreset}]");
    private readonly Option<string> _steps = Text("--steps", "number", "Updates of the weights.");
    private readonly Option<string> _time = Text("--time", "4m", "As many steps as this machine makes in a time, such as 90s, 4m or 1h30m; they are counted out once, before the first. [default: the preset's steps; without a preset at most 3m30s]");
    private readonly Option<string> _batchSize = Text("--batch-size", "number", "Sequences per update.");
    private readonly Option<string> _out = Text("--out", "folder", "Where to save the run. [default: runs/<data>-<number>]");
    private readonly Option<string> _seed = Text("--seed", "number", "Decides weights, batches, dropout and samples: the same seed gives the same bits.");
    private readonly Option<string> _precision = Text("--precision", "float32|bfloat16", "What the factors of matrix products are rounded to.");
    private readonly Option<bool> _lossy = Options.Lossy();
    private readonly Option<string> _resume = Text("--resume", "folder", "Go on with a run where it was saved last.");
    private readonly Option<string> _config = Text("--config", "file", "A run, or a part of one, as JSON: like the run.json of another run.");
    private readonly Option<string[]> _set = new("--set") { HelpName = "path=value", Description = "Set any field of the run, for example model.layer_count=8. Repeatable; `--help settings` lists all.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _range = new("--lr-range") { HelpName = "min:max", Description = $"Instead of a run: let the learning rate rise from min to max over {UsualRangeSteps} steps (or --steps), and write lr-range.svg and .json (into --out). [default: 1e-6:1]", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read the text, show the plan (parameters, memory, operations) and stop." };

    /// <summary><c>--threads</c>.</summary>
    public Option<int> Threads { get; } = Options.Threads();

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = Options.Json();

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_data, _tokenizer, _vocabSize, _preset, _steps, _time, _batchSize, _out, _seed, _precision, Threads, _lossy, _resume, _config, _set, _range, _dryRun, Json];

    /// <summary>What was asked for.</summary>
    /// <exception cref="MisuseException">Options that exclude each other, or a file that is not there.</exception>
    /// <exception cref="ConfigurationException">A setting that is not one, or out of range.</exception>
    public TrainRequest Read(ParseResult parsed)
    {
        if (parsed.GetValue(_resume) is { } resumed)
        {
            var other = All.Except([_resume, Threads, Json]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
            if (other is not null) throw new MisuseException($"--resume goes on with a run as it was begun; {other.Name} cannot change it. Start a new run instead.");
            return new(null, resumed, DryRun: false);
        }

        var run = Presets.Find(parsed.GetValue(_preset) ?? UsualPreset);
        if (parsed.GetValue(_config) is { } config) run = Settings.Read(ReadFile(config), config, run);
        if (parsed.GetValue(_tokenizer) is { } tokenizer) run = run with { Tokenizer = TokenizerOf(tokenizer, run.Tokenizer) };
        run = Settings.Apply(run, [.. ShortNames(parsed), .. parsed.GetValue(_set) ?? []]);
        run.Validate();
        if (parsed.GetResult(_range) is not null) return RangeTest(parsed, run);
        return new(run, parsed.GetValue(_out) ?? FreeFolder(run.Data.Source), parsed.GetValue(_dryRun), Budget: Budget(parsed, run));
    }

    /// <summary>A time that was asked for; or the usual one, within the preset's steps, where neither a preset nor steps were.</summary>
    private TimeBudget? Budget(ParseResult parsed, TrainingRun run)
    {
        if (parsed.GetValue(_time) is { } time)
        {
            if (!Duration.TryParse(time, out var span)) throw new MisuseException($"--time is \"{time}\"; it is a time such as 90s, 4m or 1h30m.");
            return new(span, parsed.GetValue(_steps) is null ? int.MaxValue : run.Steps);
        }
        var nothingSaid = parsed.GetValue(_preset) is null && parsed.GetValue(_config) is null && run.Steps == Presets.Find(UsualPreset).Steps && parsed.GetValue(_steps) is null;
        return nothingSaid ? new(s_usualTime, run.Steps) : null;
    }

    private TrainRequest RangeTest(ParseResult parsed, TrainingRun run)
    {
        if (parsed.GetValue(_dryRun)) throw new MisuseException("--lr-range trains and --dry-run does not; choose one.");
        if (parsed.GetValue(_time) is not null) throw new MisuseException("--lr-range takes --steps, not --time.");
        var ends = (parsed.GetValue(_range) ?? "1e-6:1").Split(':');
        if (ends.Length != 2 || !Rate(ends[0], out var low) || !Rate(ends[1], out var high) || low >= high)
            throw new MisuseException($"--lr-range is \"{parsed.GetValue(_range)}\"; it takes two learning rates above 0, the lower first, such as 1e-6:1.");
        if (parsed.GetValue(_set)?.FirstOrDefault(set => set.StartsWith("schedule.", StringComparison.Ordinal)) is { } schedule)
            throw new MisuseException($"--lr-range brings its own schedule; --set {schedule} has no meaning beside it.");
        var asked = parsed.GetValue(_steps) is not null || run.Steps != Presets.Find(parsed.GetValue(_preset) ?? UsualPreset).Steps;
        return new(run, parsed.GetValue(_out) ?? "", DryRun: false, new(low, high, asked ? run.Steps : UsualRangeSteps));

        static bool Rate(string text, out double rate) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out rate) && rate > 0 && double.IsFinite(rate);
    }

    private IEnumerable<string> ShortNames(ParseResult parsed)
    {
        (Option<string> Option, string Setting)[] names =
            [(_data, "data.source"), (_vocabSize, "tokenizer.vocab_size"), (_steps, "steps"), (_batchSize, "batch_size"), (_seed, "seed"), (_precision, "precision")];
        foreach (var (option, setting) in names)
            if (parsed.GetValue(option) is { } value) yield return $"{setting}={value}";
        if (parsed.GetValue(_lossy)) yield return "data.lossy=true";
    }

    /// <summary>What <c>--tokenizer</c> names.</summary>
    internal static TokenizerConfig TokenizerOf(string value, TokenizerConfig current) => value switch
    {
        "char" => new CharacterTokenizerConfig(),
        "bpe" => current as BpeTokenizerConfig ?? new(),
        "word" => current as WordTokenizerConfig ?? new(),
        "unigram" => current as UnigramTokenizerConfig ?? new(),
        "sentencepiece-bpe" => current as SentencePieceBpeTokenizerConfig ?? new(),
        "wordpiece" => current as WordPieceTokenizerConfig ?? new(),
        _ when File.Exists(value) || Directory.Exists(value) => new TokenizerFileConfig { Path = value },
        _ => throw new MisuseException($"There is no tokenizer {value}. --tokenizer is char, bpe, unigram, sentencepiece-bpe, wordpiece, word, or the path of a tokenizer.json or .model."),
    };

    private static string ReadFile(string path) => File.Exists(path) ? File.ReadAllText(path) : throw new MisuseException($"There is no file {path}.");

    /// <summary>The next free folder of a text: <c>runs/name-1</c>.</summary>
    internal static string FreeFolder(string source) => RunFolder.NextFree("runs", NameOf(source));

    /// <summary>A text's name as that of a folder.</summary>
    internal static string NameOf(string source)
    {
        var name = source == "-" ? "stdin" : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(source.Split('*', '?')[0]));
        name = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('-', '.');
        return name.Length == 0 ? "text" : name;
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
