using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>For people: what data, what model, how long, how good, what to type next. On a terminal with a line that moves.</summary>
internal sealed class ScreenTrainingReport(Screen screen, TrainingSession session, TrainRequest request, TimeSpan tokenizerTime, TrainingPlan? plan) : TrainingReport
{
    private const int LeftWidth = 56, MostWarnings = 3;
    private readonly Stopwatch _watch = new();
    private readonly int _firstStep = session.StepsDone;
    private readonly RunningMean _sinceRow = new();
    private double _bitsPerByte = session.Best?.BitsPerByte ?? double.NaN;
    private TimeSpan _lastTransient;
    private bool _hasHeader;
    private int _unstableSteps, _firstUnstable;

    private int Total => session.Run.Steps;

    // Without a terminal, about twenty rows.
    private int RowInterval => Math.Max(1, Total / 20);

    public override void Begin()
    {
        var (data, model) = (session.Data, session.Model);
        Header("Corpus", $"{data.Name}   {Quantity.Bytes(data.Bytes)} in {Quantity.Of(data.Documents, "document")}", Origin());
        Header("Tokenizer", $"{TokenizerDescription.Kind(session.Tokenizer)}, {Quantity.Of(session.Tokenizer.VocabSize, "token")}{TokenizerOrigin()}", $"{data.BytesPerToken:0.00} bytes/token");
        Header("Model", ModelDescription.Of(model.Config), $"{Quantity.Count(model.Parameters.Sum(weight => weight.Shape.Count))} parameters");
        if (request.Budget is { } budget && (budget.MostSteps == int.MaxValue || Total < budget.MostSteps))
        {
            var all = budget.MostSteps == int.MaxValue ? "" : $" of {budget.MostSteps:N0}";
            Header("Steps", $"{Total:N0}{all}: what this machine makes in {Quantity.Clock(budget.Time)}", $"`--steps {(budget.MostSteps == int.MaxValue ? Total : budget.MostSteps)}` {(all.Length == 0 ? "repeats the run" : "makes them all")}");
        }
        if (plan is not null) Plan(plan);
        else if (_firstStep > 0) screen.Line($"[dim]Going on after step {_firstStep:N0} of {Total:N0}.[/]");
        _watch.Start();
    }

    public override void Step(TrainingStep step)
    {
        _sinceRow.Add(step);
        if (step.Instability != Instability.None) Warn(step);
        if (step.Evaluation is { } evaluation) _bitsPerByte = evaluation.BitsPerByte;
        var left = Left(step.Number);
        // The first steps pay for compilation; a guess after them is worth showing.
        if (!_hasHeader && (_watch.Elapsed.TotalSeconds > 1.5 || step.Evaluation is not null || step.Number == Total)) Machine(left);
        if (step.Evaluation is not null || (!screen.IsLive && step.Number % RowInterval == 0))
        {
            if (!_hasHeader) Machine(left);
            screen.Line(Row(step.Number, left) + (step.Evaluation is not null && step.IsBest ? "  best" : ""));
            if (step.Sample is { } sample)
                foreach (var line in Quoted(sample)) screen.Line($"  [italic dim]{Markup.Escape(line)}[/]");
            _sinceRow.Clear();
        }
        else if (screen.IsLive && _hasHeader && _watch.Elapsed - _lastTransient > TimeSpan.FromSeconds(0.1))
        {
            _lastTransient = _watch.Elapsed;
            screen.Transient($"{Row(step.Number, left)}   {Bar((double)step.Number / Total)}");
        }
    }

    public override void Interrupted()
    {
        screen.Line();
        screen.Line($"Stopped after step {session.StepsDone:N0} of {Total:N0}, saved. Go on with:");
        screen.Line($"  stemma train --resume {Shell(request.Folder)}");
    }

    public override void End(TrainingSummary summary)
    {
        screen.Line();
        if (summary.WasFinished) screen.Line($"This run had ended before, after {Quantity.Of(session.StepsDone, "step")}; there is nothing to train.");
        else if (summary.StoppedEarly) screen.Line($"Stopped early after step {session.StepsDone:N0}: {Quantity.Of(session.Run.Patience, "evaluation")} without a better one.");
        var final = session.Final!;
        screen.Line($"Best validation: [bold]{final.BitsPerByte:0.000} bits/byte[/] at step {session.BestStep:N0}, on all {final.Bytes:N0} held-out bytes");
        screen.Line($"                 {Markup.Escape(summary.Baseline.ToString())}");
        screen.Line($"[dim]                 {final.LossNatsPerToken:0.0000} nats/token, perplexity {final.Perplexity:0.00}[/]");
        if (_unstableSteps > 0) screen.Line($"[yellow]{Quantity.Of(_unstableSteps, "step")} stood out from those before, the first at {_firstUnstable:N0}.[/] {(session.Run.GradientClip > 0 ? "Lower schedule.learning_rate or lengthen schedule.warmup_steps" : "Set gradient_clip, or lower schedule.learning_rate")} if the loss did not come back.");
        screen.Line($"Saved {Markup.Escape(request.Folder)}. Try:");
        screen.Line($"  stemma generate {Shell(request.Folder)} --prompt \"{Markup.Escape(summary.Prompt)}\"");
        screen.Line($"  stemma eval {Shell(request.Folder)} --data another.txt");
    }

    private void Warn(TrainingStep step)
    {
        if (_unstableSteps++ == 0) _firstUnstable = step.Number;
        if (_unstableSteps > MostWarnings) return;
        var what = step.Instability switch
        {
            Instability.Loss => $"the loss jumped to {step.Loss:0.000}",
            Instability.Gradient => $"the gradient is {step.GradientNorm:0.0##} long, several times as long as of late",
            _ => $"the loss jumped to {step.Loss:0.000}, with a gradient {step.GradientNorm:0.0##} long",
        };
        screen.Line($"[yellow]{step.Number,7:N0}  {what}[/]");
    }

    private void Header(string name, string left, string right) =>
        screen.Line($"[bold]{name,-9}[/] {Markup.Escape(right.Length == 0 ? left : left.PadRight(LeftWidth) + "  " + right)}");

    private void Machine(TimeSpan left)
    {
        _hasHeader = true;
        var threads = session.Model.Device.ThreadCount;
        var sets = MachineProfile.DetectedInstructionSets;
        var machine = $"{Quantity.Of(threads, "thread")}, {(sets.Count > 0 ? sets[0] : "no vectors")}, {Quantity.Rate(MachinePeak.Flops(threads, session.Run.Precision), "FLOP")} peak … {Quantity.About(left)} to go";
        Header("Machine", machine, $"Ctrl-C saves; `stemma train --resume {request.Folder}`");
        screen.Line();
        screen.Line("[dim]   step    loss  bits/byte   tokens/s   MFU     left[/]");
    }

    private void Plan(TrainingPlan plan)
    {
        var peak = MachinePeak.Flops(session.Model.Device.ThreadCount, session.Run.Precision);
        Header("Plan", $"{Quantity.Of(plan.Steps, "step")} of {plan.TokensPerStep:N0} tokens", $"{(double)plan.TokensPerStep * plan.Steps / session.Data.TrainTokens:0.0} times the training text");
        Header("Memory", $"{Quantity.Bytes(plan.PeakBytes)} at the peak of a step",
            $"weights {Quantity.Bytes(plan.WeightBytes)}, optimizer {Quantity.Bytes(plan.OptimizerBytes)}, activations {Quantity.Bytes(plan.ActivationBytes)}, gradients {Quantity.Bytes(plan.GradientBytes)}");
        Header("Compute", $"{Quantity.Count(plan.FlopsPerStep / plan.TokensPerStep)}FLOP per token, {Quantity.Count(plan.FlopsPerStep)}FLOP per step, {Quantity.Count(plan.FlopsPerRun)}FLOP in all",
            $"{Quantity.About(plan.TimeAt(peak))} at this machine's peak of {Quantity.Rate(peak, "FLOP")}, which no program reaches");
        screen.Line($"Nothing was written. Without --dry-run the run goes to {Markup.Escape(request.Folder)}.");
    }

    private TimeSpan Left(int step) => _watch.Elapsed * ((double)(Total - step) / Math.Max(1, step - _firstStep));

    private string Row(int step, TimeSpan left) =>
        $"{step,7:N0}  {_sinceRow.Loss,6:0.000}  {(double.IsNaN(_bitsPerByte) ? "–" : _bitsPerByte.ToString("0.000")),9}  {_sinceRow.TokensPerSecond,9:N0}  {Quantity.Percent(_sinceRow.Utilisation),4}  {Quantity.Clock(left),7}";

    private string Bar(double fraction)
    {
        var width = Math.Clamp(screen.Width - 62, 0, 24);
        var full = (int)(fraction * width);
        return $"[green]{new string('━', full)}[/][dim]{new string('─', width - full)}[/]";
    }

    // At most three lines, cut at the terminal's edge: a sample is to be read, not parsed.
    private IEnumerable<string> Quoted(string sample)
    {
        const int Most = 3;
        var room = Math.Max(20, screen.Width - 3);
        var text = $"\"{sample.ReplaceLineEndings(" ⏎ ")}\"".EnumerateRunes().ToArray();
        if (text.Length > Most * room) text = [.. text[..(Most * room - 2)], .. "…\"".EnumerateRunes()];
        return text.Chunk(room).Select(line => string.Concat(line));
    }

    private string TokenizerOrigin() => tokenizerTime > TimeSpan.Zero ? $", trained in {tokenizerTime.TotalSeconds:0.0} s" : "";

    private string Origin() => session.Data.Name == DotnetDocsCorpus.CorpusName
        ? $"from {string.Join(", ", new DotnetDocsCorpus().Packs.Select(pack => $"{pack.Name} {pack.Version}"))}"
        : "";

    private static string Shell(string path) => Markup.Escape(path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path);

    /// <summary>Means over the steps since the last row; speeds are weighted by time.</summary>
    private sealed class RunningMean
    {
        private double _loss, _milliseconds, _tokens, _utilisation;
        private int _count;

        public double Loss => _loss / _count;

        public double TokensPerSecond => 1000 * _tokens / _milliseconds;

        public double Utilisation => _utilisation / _milliseconds;

        public void Add(TrainingStep step)
        {
            _loss += step.Loss;
            _milliseconds += step.Milliseconds;
            _tokens += step.TokensPerSecond * step.Milliseconds / 1000;
            _utilisation += step.ModelFlopUtilisation * step.Milliseconds;
            _count++;
        }

        public void Clear() => (_loss, _milliseconds, _tokens, _utilisation, _count) = (0, 0, 0, 0, 0);
    }
}
