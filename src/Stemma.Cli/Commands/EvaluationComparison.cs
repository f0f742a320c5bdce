using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation.Metrics;
using Stemma.Evaluation.Metrics.Translation;
using Stemma.Evaluation.Statistics;

namespace Stemma.Cli.Commands;

/// <summary>Two models' predictions of one text: the difference in bits per byte, and how sure it is.</summary>
internal sealed class EvaluationComparison
{
    /// <summary>With fewer stretches of text there is nothing to resample.</summary>
    private const int LeastBlocks = 5;

    private readonly double _bits, _difference;
    private readonly int _blocks;
    private readonly SystemComparison? _resampled;
    private readonly PairedTests? _tests;

    private EvaluationComparison(Evaluation.Evaluation rival, Evaluation.Evaluation evaluation)
    {
        (_bits, _difference, _blocks) = (rival.BitsPerByte, evaluation.BitsPerByte - rival.BitsPerByte, evaluation.Blocks.Count);
        if (_blocks < LeastBlocks || rival.Blocks.Count != _blocks) return;
        _resampled = SystemComparison.Of(new BitsPerByteScore(), Counts(rival), Counts(evaluation));
        _tests = PairedTests.Of(EachOf(rival), EachOf(evaluation));
    }

    /// <summary>Compares.</summary>
    /// <param name="rival">The model that the other is set against.</param>
    /// <param name="evaluation">Of the same text with the same tokens.</param>
    public static EvaluationComparison Of(Evaluation.Evaluation rival, Evaluation.Evaluation evaluation) => new(rival, evaluation);

    /// <summary>As a field of a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("against");
        json.Number("bits_per_byte", _bits);
        json.Number("difference", _difference);
        json.WriteNumber("blocks", _blocks);
        if (_resampled is { Difference: var difference, PValue: var p })
        {
            json.Number("difference_low", difference.Low);
            json.Number("difference_high", difference.High);
            json.Number("p_value", p);
        }
        if (_tests?.T is { } t) json.Number("t_p_value", t.PValue);
        if (_tests?.Wilcoxon is { } wilcoxon) json.Number("wilcoxon_p_value", wilcoxon.PValue);
        json.WriteEndObject();
    }

    /// <summary>As lines for a person.</summary>
    public void Write(Screen screen, string name)
    {
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"[bold]{_difference:+0.0000;-0.0000;0.0000}[/] against {_bits:0.0000} of {Markup.Escape(name)}"));
        if (_resampled is { Difference: var difference, PValue: var p })
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"95 % between {difference.Low:+0.0000;-0.0000;0.0000} and {difference.High:+0.0000;-0.0000;0.0000}, {PairedTests.PValue(p)}; {_tests} over {_blocks} stretches of the text"));
        else screen.Line($"Nothing says how sure that is: the text is read in {_blocks} stretches, and at least {LeastBlocks} are needed, the same for both models.");
    }

    private static SegmentCounts Counts(Evaluation.Evaluation evaluation)
    {
        var counts = new SegmentCounts(evaluation.Blocks.Count, 2);
        foreach (var (i, block) in evaluation.Blocks.Index()) (counts[i][0], counts[i][1]) = (block.Nats, block.Bytes);
        return counts;
    }

    private static double[] EachOf(Evaluation.Evaluation evaluation) => [.. evaluation.Blocks.Select(block => block.Bytes == 0 ? double.NaN : block.Nats / Math.Log(2) / block.Bytes)];
}
