using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Evaluation;
using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma eval</c>: how well a model predicts a text.</summary>
internal static class EvalCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A run, or a Hugging Face folder (config.json, model.safetensors, tokenizer.json).");
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: the run's own held-out text]", HelpName = "text" };
        var against = new Option<string>("--against") { Description = "Another model with the same tokenizer, on the same text: how sure is the difference?", HelpName = "folder" };
        var stride = new Option<int?>("--stride") { Description = "Tokens from one window to the next: fewer give every token more context and cost more. [default: the context length]", HelpName = "number" };
        var sensitivity = new Option<bool>("--sensitivity") { Description = "Show what the perplexity depends on beside the model: the unit, the context of a token, the borders of documents." };
        var (lossy, threads, precision, json) = (Options.Lossy(), Options.Threads(), Options.Precision(), Options.Json());
        var command = new Command("eval", "Measure how well a model predicts a text: bits per byte, perplexity.") { folder, data, against, stride, sensitivity, lossy, threads, precision, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(lossy) && result.GetValue(data) is null) result.AddError("--lossy concerns --data; a run's held-out text is UTF-8 already.");
            if (result.GetValue(sensitivity) && (result.GetValue(against) is not null || result.GetValue(stride) is not null)) result.AddError("--sensitivity shows several strides of one model; leave --stride and --against out.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () => parsed.GetValue(sensitivity)
                ? SensitivityReport.Run(context, parsed.GetValue(folder)!, parsed.GetValue(data), parsed.GetValue(lossy), Device.CreateCpu(parsed.GetValue(threads), parsed.GetValue(precision)), parsed.GetValue(json), cancellation)
                : Run(
                    context, parsed.GetValue(folder)!, parsed.GetValue(data), parsed.GetValue(against), parsed.GetValue(stride), parsed.GetValue(lossy),
                    Device.CreateCpu(parsed.GetValue(threads), parsed.GetValue(precision)), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string folder, string? data, string? against, int? stride, bool lossy, Device device, bool json, CancellationToken cancellation)
    {
        var (corpus, heldOut) = TextOf(context, folder, data, lossy);
        var screen = context.Screen(json);
        if (against is not null && !Directory.Exists(against)) throw new MisuseException($"There is no folder {against}.");
        if (against is not null && data == "-") throw new MisuseException("--against reads the text once for each model; give a file instead of standard input.");
        screen.Transient("[dim]Loading the model…[/]");
        using var model = LanguageModel.Load(folder, device);
        using var rival = against is null ? null : LanguageModel.Load(against, device);
        if (rival is not null && rival.Tokenizer.Hash != model.Tokenizer.Hash)
            throw new MisuseException($"{folder} and {against} have different tokenizers, and so no common parts of the text to compare; evaluate each by itself: bits per byte compare.");
        // Two models are compared on the same windows: those of the first.
        var apart = RunFolder.KeepsDocumentsApart(folder);
        var evaluation = Evaluate(model, corpus, heldOut, stride, apart, new Fraction(screen), cancellation);
        var comparison = rival is null ? null : EvaluationComparison.Of(Evaluate(rival, corpus, heldOut, stride, apart, new Fraction(screen), cancellation), evaluation);
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.Number("loss_nats_per_token", evaluation.LossNatsPerToken);
                writer.Number("perplexity", evaluation.Perplexity);
                writer.Number("bits_per_byte", evaluation.BitsPerByte);
                writer.WriteNumber("tokens", evaluation.Tokens);
                writer.WriteNumber("bytes", evaluation.Bytes);
                comparison?.Write(writer);
                if (evaluation is not { UnknownTokens: { } unknown, KnownLossNatsPerToken: { } loss }) return;
                writer.WriteNumber("unknown_tokens", unknown);
                writer.Number("perplexity_without_unknown", Math.Exp(loss));
            });
            return ExitCode.Success;
        }

        screen.Line($"[bold]{evaluation.BitsPerByte:0.0000} bits/byte[/]  on {Markup.Escape(corpus?.Name ?? $"the held-out text of {folder}")}: {Quantity.Of(evaluation.Tokens, "token")}, {Quantity.Of(evaluation.Bytes, "byte")}");
        screen.Line($"{evaluation.LossNatsPerToken:0.0000} nats/token, perplexity {evaluation.Perplexity:0.00}{(evaluation is { UnknownTokens: { } words, KnownLossNatsPerToken: { } known } ? $" with {Quantity.Of(words, "unknown word")}, {Math.Exp(known):0.00} without" : "")}");
        comparison?.Write(screen, against!);
        return ExitCode.Success;
    }

    /// <summary>The text that is asked for, or null and the file of a run's own.</summary>
    /// <exception cref="MisuseException">There is no such folder, or it holds no text.</exception>
    internal static (Corpus? Corpus, string HeldOut) TextOf(CommandContext context, string folder, string? data, bool lossy)
    {
        var corpus = data switch
        {
            null => null,
            "-" => new StandardInputCorpus(context.OpenInput, lossy),
            _ => Corpus.Open(data, lossy),
        };
        if (!Directory.Exists(folder)) throw new MisuseException($"There is no folder {folder}.");
        var heldOut = HeldOutText.PathIn(folder);
        return corpus is not null || File.Exists(heldOut) ? (corpus, heldOut) : throw new MisuseException($"{folder} holds no text of its own to evaluate on; give one with --data.");
    }

    private static Evaluation.Evaluation Evaluate(LanguageModel model, Corpus? corpus, string heldOut, int? stride, bool apart, IProgress<double> progress, CancellationToken cancellation)
    {
        if (corpus is not null) return Evaluator.Evaluate(model.Model, model.Tokenizer, corpus, stride, apart, progress, cancellation);
        using var shard = TokenShard.Open(heldOut, model.Tokenizer.Hash);
        return Evaluator.Evaluate(model.Model, model.Tokenizer, shard, stride, documentsApart: apart, progress: progress, cancellation: cancellation);
    }

    internal sealed class Fraction(Screen screen) : IProgress<double>
    {
        public void Report(double value) => screen.Transient($"[dim]Evaluating {Quantity.Percent(value)}[/]");
    }
}
