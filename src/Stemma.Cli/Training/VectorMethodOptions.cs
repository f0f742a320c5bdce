using System.CommandLine;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Training;

/// <summary>The options that say how vectors of words are made. An option that the chosen method does not have is refused.</summary>
internal sealed class VectorMethodOptions
{
    private const string SkipGramName = "skip-gram", CbowName = "cbow";

    private static readonly Word2VecConfig s_usual = new();

    private readonly Option<string> _method = new("--method") { Description = "skip-gram or cbow (word2vec). [default: skip-gram]", HelpName = "name", DefaultValueFactory = _ => SkipGramName };
    private readonly Option<int> _size = Options.Number("--size", "Numbers of a vector.", s_usual.VectorSize, 1, 10_000);
    private readonly Option<int> _window = Options.Number("--window", "Words to either side that count as near.", s_usual.Window, 1, 1000);
    private readonly Option<int?> _negative = new("--negative") { Description = "word2vec: words drawn against each that is predicted. [default: 5]", HelpName = "number" };
    private readonly Option<bool> _hierarchical = new("--hierarchical-softmax") { Description = "word2vec: predict by the way through a tree of words instead." };
    private readonly Option<double?> _sample = new("--sample") { Description = "word2vec: words of a higher share than this are left out by chance; 0 keeps all. [default: 0.001]", HelpName = "share" };
    private readonly Option<int?> _passes = new("--passes") { Description = "Times that the text is gone over. [default: 5]", HelpName = "number" };
    private readonly Option<double?> _rate = new("--learning-rate") { Description = "The first learning rate. [default: 0.025 for skip-gram, 0.05 for cbow]", HelpName = "number" };
    private readonly Option<int?> _hogwild = new("--hogwild") { Description = "word2vec: so many threads change the vectors at once without a lock; faster, but no two runs are alike. [default: one thread, the same bits each time]", HelpName = "threads" };

    public VectorMethodOptions() => _method.AcceptOnlyFromAmong(SkipGramName, CbowName);

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_method, _size, _window, _negative, _hierarchical, _sample, _passes, _rate, _hogwild];

    /// <summary>What was asked for.</summary>
    /// <exception cref="MisuseException">Options that exclude each other.</exception>
    public WordVectorConfig Read(ParseResult parsed)
    {
        var name = parsed.GetValue(_method)!;
        if (parsed.GetValue(_hierarchical) && parsed.GetValue(_negative) is not null) throw new MisuseException("--negative draws words and --hierarchical-softmax draws none; choose one.");
        Objective objective = parsed.GetValue(_hierarchical) ? new HierarchicalSoftmax() : new NegativeSampling { Count = parsed.GetValue(_negative) ?? new NegativeSampling().Count };
        return new Word2VecConfig
        {
            VectorSize = parsed.GetValue(_size),
            Window = parsed.GetValue(_window),
            Architecture = name == CbowName ? new Cbow() : new SkipGram(),
            Objective = objective,
            Subsample = parsed.GetValue(_sample) ?? s_usual.Subsample,
            Passes = parsed.GetValue(_passes) ?? s_usual.Passes,
            LearningRate = parsed.GetValue(_rate),
            Trainer = parsed.GetValue(_hogwild) is { } threads ? new HogwildTrainer { ThreadCount = threads } : new SequentialTrainer(),
        };
    }
}
