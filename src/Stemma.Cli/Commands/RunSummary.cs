using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary>How far a run in a folder has come.</summary>
internal sealed class RunSummary
{
    private readonly TrainingRun _run;
    private readonly (int Step, double Loss, double BitsPerByte)? _last, _best;
    private readonly int _step;

    private RunSummary(TrainingRun run, string metrics)
    {
        _run = run;
        if (!File.Exists(metrics)) return;
        foreach (var line in File.ReadLines(metrics))
        {
            if (Parse(line) is not { } record || (int?)record["step"] is not { } step) continue;
            _step = Math.Max(_step, step);
            if ((double?)record["validation_loss"] is not { } loss) continue;
            _last = (step, loss, (double?)record["bits_per_byte"] ?? double.NaN);
            if (_best is null || loss < _best.Value.Loss) _best = _last;
        }
    }

    /// <summary>The run of a folder; null where it holds none.</summary>
    public static RunSummary? Read(string folder)
    {
        if (!RunFolder.Holds(folder)) return null;
        var file = Path.Combine(folder, "run.json");
        return new(Settings.Read(File.ReadAllText(file), file), Path.Combine(folder, "metrics.jsonl"));
    }

    /// <summary>As fields of a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("data", _run.Data.Source);
        json.WriteNumber("steps_done", _step);
        json.WriteNumber("steps", _run.Steps);
        if (_best is not { } best) return;
        json.WriteNumber("best_step", best.Step);
        json.Number("best_validation_loss", best.Loss);
        json.Number("best_bits_per_byte", best.BitsPerByte);
    }

    /// <summary>As lines for a person.</summary>
    public void Write(Screen screen)
    {
        screen.Line($"[bold]Run[/]        {_step:N0} of {Quantity.Of(_run.Steps, "step")} on {Markup.Escape(_run.Data.Source)}");
        if (_best is { } best && _last is { } last)
            screen.Line($"[bold]Validation[/] best {best.BitsPerByte:0.000} bits/byte at step {best.Step:N0}; last {last.BitsPerByte:0.000} at step {last.Step:N0}");
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;    // a line cut off by a kill; resuming removes it
        }
    }
}
