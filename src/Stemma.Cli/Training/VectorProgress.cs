using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Training;

/// <summary>Shows how far vectors of words are, how fast it goes and how long it will take.</summary>
internal sealed class VectorProgress(Screen screen) : IProgress<WordVectorProgress>
{
    private readonly Lock _lock = new();
    private string _stage = "";
    private long _start, _shown;

    /// <summary>Words a second at the last report that had them.</summary>
    public double WordsPerSecond { get; private set; }

    public void Report(WordVectorProgress value)
    {
        lock (_lock)
        {
            if (!double.IsNaN(value.WordsPerSecond)) WordsPerSecond = value.WordsPerSecond;
            if (value.Stage != _stage) (_stage, _start, _shown) = (value.Stage, Stopwatch.GetTimestamp(), 0);
            else if (Stopwatch.GetElapsedTime(_shown).TotalSeconds < 0.1) return;
            _shown = Stopwatch.GetTimestamp();
            if (double.IsNaN(value.Fraction))
            {
                screen.Transient($"[dim]{Markup.Escape(value.Stage)}…[/]");
                return;
            }
            var elapsed = Stopwatch.GetElapsedTime(_start);
            var rate = double.IsNaN(value.WordsPerSecond) ? "" : $"  {Quantity.Rate(value.WordsPerSecond, "words")}";
            var left = value.Fraction > 0.01 ? $"  {Quantity.Clock(elapsed * ((1 - value.Fraction) / value.Fraction))} left" : "";
            screen.Transient($"[dim]{Markup.Escape(value.Stage)} {Quantity.Percent(value.Fraction)}{rate}{left}[/]");
        }
    }
}
