using System.CommandLine;
using Stemma.Models.GloVe;
using Stemma.Models.Ppmi;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Training;

/// <summary>The options that say how vectors of words are made. An option that the chosen method does not have is refused.</summary>
internal sealed class VectorMethodOptions
{
    private const string SkipGramName = "skip-gram", CbowName = "cbow", GloVeName = "glove", PpmiName = "ppmi";

    private static readonly Word2VecConfig s_word2Vec = new();
    private static readonly GloVeConfig s_gloVe = new();
    private static readonly PpmiConfig s_ppmi = new();

    private readonly Option<string> _method = new("--method") { Description = "skip-gram or cbow (word2vec), glove, or ppmi (counts and a singular value decomposition). [default: skip-gram]", HelpName = "name", DefaultValueFactory = _ => SkipGramName };
    private readonly Option<int> _size = Options.Number("--size", "Numbers of a vector.", s_word2Vec.VectorSize, 1, 10_000);
    private readonly Option<int> _window = Options.Number("--window", "Words to either side that count as near.", s_word2Vec.Window, 1, 1000);
    private readonly Option<int?> _negative = new("--negative") { Description = $"word2vec: words drawn against each that is predicted. [default: {new NegativeSampling().Count}]", HelpName = "number" };
    private readonly Option<bool> _hierarchical = new("--hierarchical-softmax") { Description = "word2vec: predict by the way through a tree of words instead." };
    private readonly Option<double?> _sample = new("--sample") { Description = $"word2vec: words of a higher share than this are left out by chance; 0 keeps all. [default: {s_word2Vec.Subsample}]", HelpName = "share" };
    private readonly Option<int?> _passes = new("--passes") { Description = $"word2vec, glove: times that the text, or its pairs, are gone over. [default: {s_word2Vec.Passes}, glove {s_gloVe.Passes}]", HelpName = "number" };
    private readonly Option<double?> _rate = new("--learning-rate") { Description = $"word2vec, glove: the first learning rate. [default: {new SkipGram().UsualLearningRate} for skip-gram, {new Cbow().UsualLearningRate} for cbow, {s_gloVe.LearningRate} for glove]", HelpName = "number" };
    private readonly Option<int?> _hogwild = new("--hogwild") { Description = "word2vec: so many threads change the vectors at once without a lock; faster, but no two runs are alike. [default: one thread, the same bits each time]", HelpName = "threads" };
    private readonly Option<double?> _shift = new("--shift") { Description = $"ppmi: ln of this is taken off, like so many negative samples. [default: {s_ppmi.Shift}]", HelpName = "number" };
    private readonly Option<double?> _contextPower = new("--context-power") { Description = $"ppmi: counts of contexts to this power. [default: {s_ppmi.ContextPower}]", HelpName = "number" };
    private readonly Option<double?> _singularPower = new("--singular-power") { Description = $"ppmi: singular values to this power. [default: {s_ppmi.SingularPower}]", HelpName = "number" };

    public VectorMethodOptions() => _method.AcceptOnlyFromAmong(SkipGramName, CbowName, GloVeName, PpmiName);

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_method, _size, _window, _negative, _hierarchical, _sample, _passes, _rate, _hogwild, _shift, _contextPower, _singularPower];

    /// <summary>What was asked for.</summary>
    /// <exception cref="MisuseException">Options that exclude each other.</exception>
    public WordVectorConfig Read(ParseResult parsed)
    {
        var name = parsed.GetValue(_method)!;
        Option[] own = name switch
        {
            GloVeName => [_passes, _rate],
            PpmiName => [_shift, _contextPower, _singularPower],
            _ => [_negative, _hierarchical, _sample, _passes, _rate, _hogwild],
        };
        if (All.Except([_method, _size, _window, .. own]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } foreign)
            throw new MisuseException($"{foreign.Name} has no meaning with --method {name}; it takes {string.Join(", ", own.Select(option => option.Name))}.");
        var (size, window) = (parsed.GetValue(_size), parsed.GetValue(_window));
        return name switch
        {
            GloVeName => s_gloVe with { VectorSize = size, Window = window, Passes = parsed.GetValue(_passes) ?? s_gloVe.Passes, LearningRate = parsed.GetValue(_rate) ?? s_gloVe.LearningRate },
            PpmiName => s_ppmi with
            {
                VectorSize = size,
                Window = window,
                Shift = parsed.GetValue(_shift) ?? s_ppmi.Shift,
                ContextPower = parsed.GetValue(_contextPower) ?? s_ppmi.ContextPower,
                SingularPower = parsed.GetValue(_singularPower) ?? s_ppmi.SingularPower,
            },
            _ => s_word2Vec with
            {
                VectorSize = size,
                Window = window,
                Architecture = name == CbowName ? new Cbow() : new SkipGram(),
                Objective = ObjectiveOf(parsed),
                Subsample = parsed.GetValue(_sample) ?? s_word2Vec.Subsample,
                Passes = parsed.GetValue(_passes) ?? s_word2Vec.Passes,
                LearningRate = parsed.GetValue(_rate),
                Trainer = parsed.GetValue(_hogwild) is { } threads ? new HogwildTrainer { ThreadCount = threads } : new SequentialTrainer(),
            },
        };
    }

    private Objective ObjectiveOf(ParseResult parsed)
    {
        if (!parsed.GetValue(_hierarchical)) return new NegativeSampling { Count = parsed.GetValue(_negative) ?? new NegativeSampling().Count };
        if (parsed.GetValue(_negative) is not null) throw new MisuseException("--negative draws words and --hierarchical-softmax draws none; choose one.");
        return new HierarchicalSoftmax();
    }
}
