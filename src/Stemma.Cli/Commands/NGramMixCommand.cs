using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Evaluation;
using Stemma.Models.Mixture;
using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ngram mix</c>: several models as one, their weights fitted on held-out text.</summary>
internal static class NGramMixCommand
{
    public static Command Create(CommandContext context)
    {
        var folders = new Argument<string[]>("models") { Description = "Folders of models with one tokenizer (train the second with --tokenizer first/tokenizer.json): counts, or recurrent networks.", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string>("--data") { Description = "Held-out text that the weights are fitted on, which no model was trained on. [default: what the first model holds out]", HelpName = "text" };
        var weights = new Option<string>("--weights") { Description = "Weights as they are to be, instead of fitting them.", HelpName = "0.7,0.3" };
        var target = new Option<string>("--out") { Description = "Where to save the mixture. [default: runs/mixture-<number>]", HelpName = "folder" };
        var (lossy, threads, json) = (Options.Lossy(), Options.Threads(), Options.Json());
        var command = new Command("mix", "Mix several models: p(w|h) = Σ λᵢ·pᵢ(w|h).") { folders, data, weights, target, lossy, threads, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(weights) is not null && result.GetValue(data) is not null) result.AddError("--weights are given, so that --data would not be read; leave one out.");
            if (result.GetValue(lossy) && result.GetValue(data) is null) result.AddError("--lossy concerns --data.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                context, parsed.GetValue(folders)!, parsed.GetValue(data), Shares(parsed.GetValue(weights)), parsed.GetValue(target), parsed.GetValue(lossy),
                Device.CreateCpu(parsed.GetValue(threads)), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string[] folders, string? data, double[]? given, string? target, bool lossy, Device device, bool json, CancellationToken cancellation)
    {
        if (folders.Length < 2) throw new MisuseException("A mixture needs at least two models; name their folders.");
        if (folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing) throw new MisuseException($"There is no folder {missing}.");
        var folder = target ?? TrainOptions.FreeFolder("mixture");
        if (File.Exists(folder) || File.Exists(Path.Combine(folder, "config.json"))) throw new MisuseException($"{folder} is taken; choose another folder with --out.");
        var corpus = data is null ? null : data == "-" ? new StandardInputCorpus(context.OpenInput, lossy) : Corpus.Open(data, lossy);
        var heldOut = HeldOutText.PathIn(folders[0]);
        if (given is null && corpus is null && !File.Exists(heldOut)) throw new MisuseException($"{folders[0]} holds no text of its own to fit weights on; give one with --data, or the weights with --weights.");

        var screen = context.Screen(json);
        var models = new List<LanguageModel>();
        try
        {
            foreach (var path in folders)
            {
                screen.Transient($"[dim]Loading {Markup.Escape(path)}…[/]");
                models.Add(LanguageModel.Load(path, device));
                if (models[^1].Tokenizer.Hash != models[0].Tokenizer.Hash)
                    throw new MisuseException($"{path} has another tokenizer than {folders[0]}; only models of the same tokens mix. Train it again with --tokenizer {TokenizerFolder.Find(folders[0])}.");
            }
            MixtureWeights? fitted = null;
            if (given is null)
            {
                screen.Transient("[dim]Predicting the held-out text…[/]");
                using var shard = corpus is null ? TokenShard.Open(heldOut, models[0].Tokenizer.Hash) : null;
                fitted = MixtureWeights.Fit([.. models.Select((model, i) => Refusing(folders[i], () => corpus is null ? TokenScores.Of(model.Model, shard!, cancellation) : TokenScores.Of(model.Model, model.Tokenizer, corpus, cancellation)))]);
            }
            var shares = given ?? [.. fitted!.Values];
            MixtureCheckpoint.Save(folder, folders, shares, models[0].Tokenizer.Hash);
            TokenizerFolder.Save(models[0].Tokenizer, folder);
            screen.ClearTransient();
            Report(context, screen, folder, folders, shares, fitted, data ?? $"the held-out text of {folders[0]}", json);
            return ExitCode.Success;
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    private static double[] Refusing(string folder, Func<double[]> scores)
    {
        try
        {
            return scores();
        }
        catch (ConfigurationException error)
        {
            throw new MisuseException($"{folder}: {error.Message}");
        }
    }

    private static void Report(CommandContext context, Screen screen, string folder, string[] folders, double[] shares, MixtureWeights? fitted, string text, bool json)
    {
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", folder);
                writer.WriteStartArray("weights");
                foreach (var share in shares) writer.WriteNumberValue(share);
                writer.WriteEndArray();
                if (fitted is null) return;
                writer.Number("loss_nats_per_token", fitted.LossNatsPerToken);
                writer.WriteStartArray("part_losses");
                foreach (var loss in fitted.PartLosses)
                {
                    if (double.IsFinite(loss)) writer.WriteNumberValue(loss);
                    else writer.WriteNullValue();
                }
                writer.WriteEndArray();
            });
            return;
        }
        screen.Table(
            ["model", "weight", .. fitted is null ? Array.Empty<string>() : ["perplexity alone"]],
            [.. folders.Select((path, i) => (string[])[path, shares[i].ToString("0.0000", CultureInfo.InvariantCulture), .. fitted is null ? Array.Empty<string>() : [Math.Exp(fitted.PartLosses[i]).ToString("0.00", CultureInfo.InvariantCulture)]])], 1, 2);
        if (fitted is not null) screen.Line($"Mixed: perplexity {Math.Exp(fitted.LossNatsPerToken):0.00} on {Markup.Escape(text)}, which the weights were fitted on ({Quantity.Of(fitted.Steps, "step")} of expectation maximisation)");
        screen.Line($"Saved {Markup.Escape(folder)}. Try:");
        screen.Line($"  stemma eval {Markup.Escape(folder)} --data another.txt");
    }

    private static double[]? Shares(string? text)
    {
        if (text is null) return null;
        try
        {
            return [.. text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(part => double.Parse(part, NumberStyles.Float, CultureInfo.InvariantCulture))];
        }
        catch (FormatException)
        {
            throw new MisuseException($"--weights is \"{text}\"; it takes a number for each model, such as 0.7,0.3.");
        }
    }
}
