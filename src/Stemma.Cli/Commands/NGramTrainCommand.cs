using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Evaluation;
using Stemma.Text.Shards;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ngram train</c>: counts, smoothing, a folder, and how good the model is on held-out text.</summary>
internal static class NGramTrainCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new NGramRun();
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => usual.Data.Source };
        var tokenizer = new Option<string>("--tokenizer") { Description = "char; bpe, unigram, sentencepiece-bpe or wordpiece (trained on the text); word (a token per word, white space separates them, lines are sentences), or a tokenizer.json. [default: bpe]", HelpName = "kind|path", DefaultValueFactory = _ => "bpe" };
        var size = new Option<int?>("--vocab-size") { Description = $"Tokens of the tokenizer that is trained, or the most frequent words to keep. [default: {((BpeTokenizerConfig)usual.Tokenizer).VocabSize}]", HelpName = "number" };
        var order = Options.Number("--order", "The most tokens of an n-gram.", usual.Model.Order, 1, 16);
        var smoothing = new Option<string>("--smoothing") { Description = $"{SmoothingName.All}. [default: modified-kneser-ney]", HelpName = "method", DefaultValueFactory = _ => "modified-kneser-ney" };
        var prune = new Option<string>("--prune") { Description = "By order, from 1: n-grams seen so often or less are left out; the last number counts for higher orders too. [default: 0, nothing]", HelpName = "0,0,1" };
        var entropy = Options.Number("--prune-entropy", "N-grams without which perplexity would rise by less than this share are left out, such as 1e-7 (Stolcke 1998).", usual.Model.EntropyThreshold, 0.0, 1.0);
        var validation = new Option<string>("--validation") { Description = "A text of its own to predict, instead of a part of the text. [default: none]", HelpName = "text" };
        var heldOut = Options.Number("--held-out", "The part of the documents (of the characters, where there is one) that is kept apart and predicted; 0 counts all of the text.", usual.Data.ValidationFraction, 0.0, 0.99);
        var memory = new Option<string>("--memory") { Description = "What counting may take in memory; the rest goes to temporary files. The result does not depend on it. [default: half of the machine's]", HelpName = "200MB" };
        var target = new Option<string>("--out") { Description = "Where to save the model. [default: runs/<data>-<number>]", HelpName = "folder" };
        var (lossy, threads, json) = (Options.Lossy(), Options.Threads(), Options.Json());
        var command = new Command("train", "Estimate an n-gram model of a text.") { data, tokenizer, size, order, smoothing, prune, entropy, validation, heldOut, memory, target, lossy, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            var chosen = TrainOptions.TokenizerOf(parsed.GetValue(tokenizer)!, usual.Tokenizer);
            if (parsed.GetValue(size) is { } vocabSize)
            {
                chosen = chosen switch
                {
                    BpeTokenizerConfig when vocabSize < 257 => throw new MisuseException($"--vocab-size is {vocabSize}; byte-level BPE needs at least 257 (256 bytes and the end of text)."),
                    BpeTokenizerConfig bpe => bpe with { VocabSize = vocabSize },
                    WordTokenizerConfig when vocabSize < 4 => throw new MisuseException($"--vocab-size is {vocabSize}; words need at least 4 tokens (three special ones and a word)."),
                    WordTokenizerConfig words => words with { VocabSize = vocabSize },
                    UnigramTokenizerConfig unigram => unigram with { VocabSize = vocabSize },
                    SentencePieceBpeTokenizerConfig merges => merges with { VocabSize = vocabSize },
                    WordPieceTokenizerConfig pieces => pieces with { VocabSize = vocabSize },
                    _ => throw new MisuseException("--vocab-size belongs to --tokenizer bpe, unigram, sentencepiece-bpe, wordpiece or word."),
                };
            }
            var run = new NGramRun
            {
                Data = new() { Source = parsed.GetValue(data)!, Validation = parsed.GetValue(validation) ?? "", ValidationFraction = parsed.GetValue(heldOut), Lossy = parsed.GetValue(lossy) },
                Tokenizer = chosen,
                Model = new() { Order = parsed.GetValue(order), Smoothing = SmoothingName.Parse(parsed.GetValue(smoothing)!), Prune = Thresholds(parsed.GetValue(prune)), EntropyThreshold = parsed.GetValue(entropy) },
            };
            var folder = parsed.GetValue(target) ?? TrainOptions.FreeFolder(run.Data.Source);
            long? bytes = parsed.GetValue(memory) is { } text ? ByteSize.Parse("--memory", text) : null;
            return Task.Run(() => RunAsync(context, run, folder, bytes, parsed.GetValue(threads), parsed.GetValue(json), cancellation), CancellationToken.None);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, NGramRun run, string folder, long? memory, int threads, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        var watch = Stopwatch.StartNew();
        var summary = NGramSession.Run(run, folder, memory, threads, warning => screen.Line($"[yellow]{Markup.Escape(warning)}[/]"), new PreparationProgress(screen), cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        screen.ClearTransient();
        if (!json)
        {
            Header("Corpus", summary.Corpus);
            Header("Tokens", $"{Quantity.Of(summary.VocabSize, "token")} in the vocabulary");
            Header("Model", $"{run.Model}, estimated in {seconds:0.0} s{(summary.Spilled ? ", with temporary files" : "")}");
            Header("N-grams", $"{string.Join(" + ", summary.Counts.Select(count => count.ToString("N0", CultureInfo.InvariantCulture)))} = {Quantity.Count(summary.Counts.Sum())}, {Quantity.Bytes(summary.Bytes)}");
        }

        Evaluation.Evaluation? evaluation = null;
        CompressionBaseline? baseline = null;
        var prompt = "The ";
        if (summary.ValidationTokens > 1)
        {
            screen.Transient("[dim]Predicting the held-out text…[/]");
            using var model = LanguageModel.Load(folder);
            using var shard = TokenShard.Open(HeldOutText.PathIn(folder), model.Tokenizer.Hash);
            evaluation = Evaluator.Evaluate(model.Model, model.Tokenizer, shard, cancellation: cancellation);
            var text = HeldOutText.Read(folder, model.Tokenizer);
            prompt = HeldOutText.Prompt(text, run.Data.Source);
            // Unknown words have no bytes to compare with.
            if (!json && run.Tokenizer is not WordTokenizerConfig) baseline = await CompressionBaseline.OfAsync(text, cancellation).ConfigureAwait(false);
            screen.ClearTransient();
        }

        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", folder);
                writer.WriteNumber("order", run.Model.Order);
                writer.WriteString("smoothing", run.Model.Smoothing.Name);
                writer.WriteNumber("vocab_size", summary.VocabSize);
                writer.WriteStartArray("ngrams");
                foreach (var count in summary.Counts) writer.WriteNumberValue(count);
                writer.WriteEndArray();
                writer.WriteNumber("bytes", summary.Bytes);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
                if (evaluation is null) return;
                writer.Number("loss_nats_per_token", evaluation.LossNatsPerToken);
                writer.Number("perplexity", evaluation.Perplexity);
                writer.Number("bits_per_byte", evaluation.BitsPerByte);
            });
            return ExitCode.Success;
        }

        screen.Line();
        if (evaluation is not null)
        {
            screen.Line($"Held-out text: [bold]{evaluation.BitsPerByte:0.000} bits/byte[/] on {evaluation.Bytes:N0} bytes; {evaluation.LossNatsPerToken:0.0000} nats/token, perplexity {evaluation.Perplexity:0.00}");
            if (baseline is not null) screen.Line($"               {Markup.Escape(baseline.ToString())}");
        }
        screen.Line($"Saved {Markup.Escape(folder)}. Try:");
        screen.Line($"  stemma generate {Markup.Escape(folder)} --prompt \"{Markup.Escape(prompt)}\"");
        screen.Line($"  stemma ngram export {Markup.Escape(folder)} model.arpa");
        return ExitCode.Success;

        void Header(string name, string text) => screen.Line($"[bold]{name,-9}[/] {Markup.Escape(text)}");
    }

    private static long[] Thresholds(string? text)
    {
        if (text is null) return [];
        try
        {
            return [.. text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(part => long.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new MisuseException($"--prune is \"{text}\"; it takes a whole number for each order, such as 0,0,1.");
        }
    }
}
