using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>Shows what is being prepared, and times the tokenizer's training.</summary>
internal sealed class PreparationProgress(Screen screen) : IProgress<Preparation>
{
    private readonly Stopwatch _tokenizer = new();

    /// <summary>How long the tokenizer was trained; zero where it was not.</summary>
    public TimeSpan TokenizerTime => _tokenizer.Elapsed;

    public void Report(Preparation value)
    {
        lock (_tokenizer)
        {
            if (value.Stage.Contains("tokenizer", StringComparison.Ordinal)) _tokenizer.Start();
            else _tokenizer.Stop();
            screen.Transient(double.IsNaN(value.Fraction) ? $"[dim]{Markup.Escape(value.Stage)}…[/]" : $"[dim]{Markup.Escape(value.Stage)} {Quantity.Percent(value.Fraction)}[/]");
        }
    }
}
