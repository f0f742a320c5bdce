using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Compression;
using Stemma.Evaluation;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Text.Shards;

namespace Stemma.Cli.Commands;

/// <summary>What a model's matrices are worth at lower rank: perplexity of its held-out text against the rank kept.</summary>
internal static class LowRankInfo
{
    private const int MostTokens = 1 << 14;
    private static readonly double[] s_shares = [1, 0.75, 0.5, 0.375, 0.25, 0.125, 0.0625];

    public static int Write(CommandContext context, string folder, string target, bool json, CancellationToken cancellation)
    {
        if (Path.GetExtension(target) != ".svg") throw new MisuseException($"--low-rank is {target}; its name must end in .svg.");
        var heldOut = HeldOutText.PathIn(folder);
        if (!File.Exists(heldOut)) throw new MisuseException($"{folder} holds no text of its own to measure by; --low-rank is for a run.");
        var screen = context.Screen(json);
        using var loaded = LanguageModel.Load(folder, Device.CreateCpu());
        if (loaded.Model is not NeuralLanguageModel model) throw new MisuseException($"{folder} holds an n-gram model, which has no matrices.");
        using var shard = TokenShard.Open(heldOut, loaded.Tokenizer.Hash);
        // The table of tokens, and everything else: they bear cutting differently.
        (string Name, LowRankWeights Weights)[] parts =
        [
            ("tables of tokens", new(model.Parameters.Where(weight => weight.Shape[0] == model.VocabSize), new Progress(screen), cancellation)),
            ("all other matrices", new(model.Parameters.Where(weight => weight.Shape[0] != model.VocabSize), new Progress(screen), cancellation)),
        ];
        var rows = new List<(string Part, double Share, long Count, double Error, double Perplexity)>();
        foreach (var (name, weights) in parts)
        {
            foreach (var share in s_shares)
            {
                cancellation.ThrowIfCancellationRequested();
                screen.Transient($"[dim]{name} at {Quantity.Percent(share)} of their rank…[/]");
                rows.Add((name, share, weights.CountAt(share), weights.ErrorAt(share), weights.With(share, () => Evaluator.Evaluate(model, loaded.Tokenizer, shard, limit: MostTokens, cancellation: cancellation).Perplexity)));
            }
        }
        screen.ClearTransient();
        new Chart
        {
            Title = "What a rank is worth",
            Subtitle = $"{folder}: perplexity of the first {Math.Min(MostTokens, shard.Length - 1).ToString("N0", CultureInfo.InvariantCulture)} held-out tokens, every matrix cut to its nearest of lower rank",
            X = new LogAxis("share of the rank that is kept") { Maximum = 1 },
            Y = new LogAxis("perplexity"),
            Series = [.. parts.Select(part => new LineSeries(part.Name, [.. rows.Where(row => row.Part == part.Name && double.IsFinite(row.Perplexity)).Select(row => new ChartPoint(row.Share, row.Perplexity))]))],
        }.SaveSvg(target);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteStartArray("low_rank");
                foreach (var (part, share, count, error, perplexity) in rows)
                {
                    writer.WriteStartObject();
                    writer.WriteString("part", part);
                    writer.Number("rank_share", share);
                    writer.WriteNumber("numbers", count);
                    writer.Number("error", error);
                    writer.Number("perplexity", perplexity);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        screen.Table(
            ["part", "rank", "numbers", "of", "error", "perplexity"],
            [.. rows.Select(row => (string[])[row.Part, $"{100 * row.Share:0.#}%", Quantity.Count(row.Count), Quantity.Count(parts.First(part => part.Name == row.Part).Weights.Count), $"{row.Error:0.000}", $"{row.Perplexity:0.00}"])], 1, 2, 3, 4, 5);
        screen.Line($"Wrote {Markup.Escape(target)}.");
        return ExitCode.Success;
    }

    private sealed class Progress(Screen screen) : IProgress<string>
    {
        public void Report(string value) => screen.Transient($"[dim]Decomposing {value}…[/]");
    }
}
