using System.CommandLine;
using Stemma.Generation;

namespace Stemma.Cli.Training;

/// <summary>The options that a beam search is described by.</summary>
internal sealed class BeamOptions
{
    private readonly Option<int> _beam = Options.Number("--beam", "Beginnings kept; 1 is greedy.", 5, 1, 10_000);
    private readonly Option<double> _length = Options.Number("--length-penalty", "α of Wu et al. 2016: 0 ranks by probability, 1 nearly by the mean over tokens.", 1.0, 0, 10);
    private readonly Option<double> _coverage = Options.Number("--coverage-penalty", "β of Wu et al. 2016: what it costs to leave source tokens unread.", 0.0, 0, 10);
    private readonly Option<int> _maxTokens = Options.Number("--max-tokens", "The most tokens of a translation.", 100, 1, 100_000);

    public IEnumerable<Option> All => [_beam, _length, _coverage, _maxTokens];

    public BeamSearch Read(ParseResult parsed, int best = 1) => new()
    {
        Width = parsed.GetValue(_beam),
        LengthPenalty = parsed.GetValue(_length),
        CoveragePenalty = parsed.GetValue(_coverage),
        MaxTokens = parsed.GetValue(_maxTokens),
        Best = best,
    };

    /// <summary>The option among these that was given; null where none was.</summary>
    public Option? Given(ParseResult parsed) => All.Except([_maxTokens]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });

    public int MaxTokens(ParseResult parsed) => parsed.GetValue(_maxTokens);
}
