using System.CommandLine;
using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>The options of <c>stemma train</c>. Most are short names of settings; all become one <see cref="TrainingRun"/>.</summary>
internal sealed class TrainOptions
{
    private const string UsualPreset = "docs";

    private readonly Option<string> _data = Text("--data", "text", "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]");
    private readonly Option<string> _tokenizer = Text("--tokenizer", "char|bpe|path", "char (a token per character), bpe (trained on the text), or a tokenizer.json. [default: the preset's]");
    private readonly Option<string> _vocabSize = Text("--vocab-size", "number", "Tokens of the bpe tokenizer (tokenizer.vocab_size).");
    private readonly Option<string> _preset = Text("--preset", "name", $"What to start from: {string.Join(", ", Presets.Names)}. [default: {UsualPreset}]");
    private readonly Option<string> _steps = Text("--steps", "number", "Updates of the weights.");
    private readonly Option<string> _batchSize = Text("--batch-size", "number", "Sequences per update.");
    private readonly Option<string> _out = Text("--out", "folder", "Where to save the run. [default: runs/<data>-<number>]");
    private readonly Option<string> _seed = Text("--seed", "number", "Decides weights, batches, dropout and samples: the same seed gives the same bits.");
    private readonly Option<string> _precision = Text("--precision", "float32|bfloat16", "What the factors of matrix products are rounded to.");
    private readonly Option<bool> _lossy = Options.Lossy();
    private readonly Option<string> _resume = Text("--resume", "folder", "Go on with a run where it was saved last.");
    private readonly Option<string> _config = Text("--config", "file", "A run, or a part of one, as JSON: like the run.json of another run.");
    private readonly Option<string[]> _set = new("--set") { HelpName = "path=value", Description = "Set any field of the run, for example model.layer_count=8. Repeatable; `--help settings` lists all.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read the text, show the plan (parameters, memory, operations) and stop." };

    /// <summary><c>--threads</c>.</summary>
    public Option<int> Threads { get; } = Options.Threads();

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = Options.Json();

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_data, _tokenizer, _vocabSize, _preset, _steps, _batchSize, _out, _seed, _precision, Threads, _lossy, _resume, _config, _set, _dryRun, Json];

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
        return new(run, parsed.GetValue(_out) ?? FreeFolder(run.Data.Source), parsed.GetValue(_dryRun));
    }

    private IEnumerable<string> ShortNames(ParseResult parsed)
    {
        (Option<string> Option, string Setting)[] names =
            [(_data, "data.source"), (_vocabSize, "tokenizer.vocab_size"), (_steps, "steps"), (_batchSize, "batch_size"), (_seed, "seed"), (_precision, "precision")];
        foreach (var (option, setting) in names)
            if (parsed.GetValue(option) is { } value) yield return $"{setting}={value}";
        if (parsed.GetValue(_lossy)) yield return "data.lossy=true";
    }

    private static TokenizerConfig TokenizerOf(string value, TokenizerConfig current) => value switch
    {
        "char" => new CharacterTokenizerConfig(),
        "bpe" => current as BpeTokenizerConfig ?? new(),
        _ when File.Exists(value) || Directory.Exists(value) => new TokenizerFileConfig { Path = value },
        _ => throw new MisuseException($"There is no tokenizer {value}. --tokenizer is char, bpe, or the path of a tokenizer.json."),
    };

    private static string ReadFile(string path) => File.Exists(path) ? File.ReadAllText(path) : throw new MisuseException($"There is no file {path}.");

    private static string FreeFolder(string source)
    {
        var name = source == "-" ? "stdin" : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(source.Split('*', '?')[0]));
        name = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('-', '.');
        return RunFolder.NextFree("runs", name.Length == 0 ? "text" : name);
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
