using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Training.Landscape;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma landscape</c>: how the loss bends around a model's weights.</summary>
internal static class LandscapeCommand
{
    private const int LineSteps = 31, RandomLines = 2;

    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A run, or a Hugging Face folder (config.json, model.safetensors, tokenizer.json).");
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: the run's own training text]", HelpName = "text" };
        var sequences = Options.Number("--sequences", "Sequences as long as the context that the loss is the mean over.", 8, 1, 100_000);
        var products = Options.Number("--products", "Products with the Hessian: more find more of its eigenvalues. Each keeps a vector as large as the weights.", 20, 2, 10_000);
        var show = Options.Number("--eigenvalues", "How many of the largest eigenvalues to show.", 3, 1, 1000);
        var grid = Options.Number("--grid", "Places along either side of the plane; odd, so that the weights are one of them.", 15, 3, 201);
        var reach = Options.Number("--reach", "How far to go from the weights; 1 is as far as they are long.", 1.0, 1e-6, 100.0);
        var target = new Option<string>("--out") { Description = "Where the figures go. [default: <folder>/landscape]", HelpName = "folder" };
        var seed = Options.Number("--seed", "Decides sequences and directions.", 1337UL, ulong.MinValue, ulong.MaxValue);
        var (lossy, threads, json) = (Options.Lossy(), Options.Threads(), Options.Json());
        var command = new Command("landscape", "Show how the loss bends around a model's weights: eigenvalues of the Hessian, and the loss along lines and over a plane.") { folder, data, sequences, products, show, grid, reach, target, seed, lossy, threads, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            if (parsed.GetValue(grid) % 2 == 0) throw new MisuseException($"--grid is {parsed.GetValue(grid)}; it must be odd, so that the weights themselves are a place of it.");
            if (parsed.GetValue(lossy) && parsed.GetValue(data) is null) throw new MisuseException("--lossy concerns --data; a run's training text is UTF-8 already.");
            var request = new Request(parsed.GetValue(folder)!, parsed.GetValue(data), parsed.GetValue(lossy), parsed.GetValue(sequences), parsed.GetValue(products), parsed.GetValue(show), parsed.GetValue(grid), parsed.GetValue(reach), parsed.GetValue(target) ?? Path.Combine(parsed.GetValue(folder)!, "landscape"), parsed.GetValue(seed));
            return Run(context, request, Device.CreateCpu(parsed.GetValue(threads)), parsed.GetValue(json), cancellation);
        }, CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, Request request, Device device, bool json, CancellationToken cancellation)
    {
        if (!Directory.Exists(request.Folder)) throw new MisuseException($"There is no folder {request.Folder}.");
        var screen = context.Screen(json);
        screen.Transient("[dim]Loading the model…[/]");
        using var loaded = LanguageModel.Load(request.Folder, device);
        if (loaded.Model is not NeuralLanguageModel model) throw new MisuseException($"{request.Folder} holds an n-gram model, which has no weights to move.");
        var length = model.Config.ContextLength + 1;
        var surface = LossSurface.Of(model, request.Data is null ? OfRun(request, loaded.Tokenizer, length) : OfText(context, request, loaded.Tokenizer, length));
        var random = new RandomStream(request.Seed).Fork("landscape");

        var curvature = LossCurvature.Measure(surface, request.Products, random.Fork("start"), new Count(screen, "Curvature: product", request.Products), cancellation);
        float[] first = surface.RandomDirection(random.Fork(1)), second = surface.RandomDirection(random.Fork(2));
        var (lines, places) = (LossSlice.Distances(request.Reach, LineSteps), LossSlice.Distances(request.Reach, request.Grid));
        // The steepest direction as long as the random ones, so that the lines compare.
        var scale = Norm(first) / Norm(curvature.Steepest);
        float[] steepest = [.. curvature.Steepest.Select(x => (float)(x * scale))];
        var along = new Total(screen, "Lines: loss", (RandomLines + 1) * LineSteps);
        LossSlice[] slices =
        [
            LossSlice.Measure("a random direction", surface, first, lines, along, cancellation),
            LossSlice.Measure("another random direction", surface, second, lines, along, cancellation),
            LossSlice.Measure("steepest direction of the Hessian", surface, steepest, lines, along, cancellation),
        ];
        var plane = LossPlane.Measure(surface, first, second, places, new Total(screen, "Plane: loss", request.Grid * request.Grid), cancellation);
        screen.ClearTransient();

        string linesFile = Path.Combine(request.Target, "lines.svg"), planeFile = Path.Combine(request.Target, "plane.svg");
        var subtitle = $"{request.Folder}: {request.Sequences} {(request.Sequences == 1 ? "sequence" : "sequences")} of {length - 1:N0} tokens; rows of random directions as long as those of the weights";
        Directory.CreateDirectory(request.Target);
        LossSlice.ToChart(slices, subtitle).SaveSvg(linesFile);
        plane.ToChart(subtitle).SaveSvg(planeFile);
        if (json)
        {
            Json.WriteObject(context.Output, writer => Write(writer, request, surface, curvature, slices, plane, [linesFile, planeFile]));
            return ExitCode.Success;
        }

        screen.Line($"[bold]Loss[/]       {curvature.Loss:0.0000} nats/token on {Quantity.Of(request.Sequences, "sequence")} of {length - 1:N0} tokens; gradient norm {curvature.GradientNorm:0.###e+0}");
        screen.Line($"[bold]Hessian[/]    largest eigenvalues {string.Join(", ", curvature.Eigenvalues.Take(request.Show).Select(Shown))}; least {Shown(curvature.Eigenvalues[^1])}");
        if (curvature.StableRate is { } rate) screen.Line($"[bold]Stability[/]  plain gradient descent on these sequences could hold this place up to a rate of 2/λ = {rate:0.###}");
        screen.Line($"[bold]Around[/]     {Ends(slices[0], "along a random line")}; {Ends(slices[2], "along the steepest")}");
        screen.Line($"Wrote {Markup.Escape(linesFile)} and {Markup.Escape(planeFile)}.");
        return ExitCode.Success;
    }

    private static int[][] OfRun(Request request, Tokenizer tokenizer, int length)
    {
        var path = Path.Combine(request.Folder, "data", "train.tokens");
        if (!File.Exists(path)) throw new MisuseException($"{request.Folder} holds no text of its own; give one with --data.");
        using var shard = TokenShard.Open(path, tokenizer.Hash);
        var all = new int[request.Sequences * length];
        new RandomWindows(shard, length - 1, request.Seed).Read(0, all);
        return [.. all.Chunk(length)];
    }

    private static int[][] OfText(CommandContext context, Request request, Tokenizer tokenizer, int length)
    {
        var corpus = request.Data == "-" ? new StandardInputCorpus(context.OpenInput, request.Lossy) : Corpus.Open(request.Data!, request.Lossy);
        var tokens = new List<int>();
        foreach (var document in corpus.Documents())
        {
            tokenizer.Encode(document.Text, tokens);
            if (tokenizer.EndOfText is { } end) tokens.Add(end);
        }
        if (tokens.Count < length) throw new MisuseException($"{corpus.Name} holds {Quantity.Of(tokens.Count, "token")}; the model's context needs at least {length:N0}.");
        var starts = new RandomStream(request.Seed).Fork("sequences");
        return [.. Enumerable.Range(0, request.Sequences).Select(i => tokens.GetRange((int)starts.Below(tokens.Count - length + 1, (ulong)i), length).ToArray())];
    }

    private static void Write(Utf8JsonWriter json, Request request, LossSurface surface, LossCurvature curvature, LossSlice[] slices, LossPlane plane, string[] files)
    {
        json.Number("loss", curvature.Loss);
        json.Number("gradient_norm", curvature.GradientNorm);
        json.WriteNumber("sequences", request.Sequences);
        json.WriteNumber("parameters", surface.Size);
        json.WriteStartArray("eigenvalues");
        foreach (var value in curvature.Eigenvalues.Take(request.Show)) Ritz(value);
        json.WriteEndArray();
        json.WriteStartArray("least_eigenvalues");
        foreach (var value in curvature.Eigenvalues.Reverse().Take(request.Show)) Ritz(value);
        json.WriteEndArray();
        json.Number("stable_learning_rate", curvature.StableRate ?? double.NaN);
        json.WriteStartArray("lines");
        foreach (var slice in slices)
        {
            json.WriteStartObject();
            json.WriteString("name", slice.Name);
            Numbers("distances", slice.Points.Select(point => point.X));
            Numbers("losses", slice.Points.Select(point => point.Y));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("plane");
        Numbers("distances", plane.Distances);
        Numbers("losses", plane.Losses.Cast<double>());
        json.WriteEndObject();
        json.WriteStartArray("files");
        foreach (var file in files) json.WriteStringValue(file);
        json.WriteEndArray();

        void Ritz(RitzValue value)
        {
            json.WriteStartObject();
            json.Number("value", value.Value);
            json.Number("residual", value.Residual);
            json.WriteEndObject();
        }

        void Numbers(string name, IEnumerable<double> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                if (double.IsFinite(value)) json.WriteNumberValue(value);
                else json.WriteNullValue();
            }
            json.WriteEndArray();
        }
    }

    private static string Shown(RitzValue value) => value.Residual < 0.01 * Math.Abs(value.Value) ? $"{value.Value:0.0##}" : $"{value.Value:0.0##} ±{value.Residual:0.0##}";

    private static string Ends(LossSlice slice, string where) => $"loss {slice.Points[0].Y:0.00} and {slice.Points[^1].Y:0.00} at {slice.Points[0].X:0.##} and {slice.Points[^1].X:0.##} {where}";

    private static double Norm(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    private sealed record Request(string Folder, string? Data, bool Lossy, int Sequences, int Products, int Show, int Grid, double Reach, string Target, ulong Seed);

    /// <summary>A line that says how much of a phase is done and what it still takes.</summary>
    private class Count(Screen screen, string what, int total) : IProgress<int>
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public virtual void Report(int value) =>
            screen.Transient($"[dim]{what} {value:N0} of {total:N0}, {Quantity.About(_watch.Elapsed * ((double)(total - value) / Math.Max(1, value)))} to go[/]");
    }

    /// <summary>The same, told of one after the other.</summary>
    private sealed class Total(Screen screen, string what, int total) : Count(screen, what, total)
    {
        private int _done;

        public override void Report(int value) => base.Report(_done += value);
    }
}
