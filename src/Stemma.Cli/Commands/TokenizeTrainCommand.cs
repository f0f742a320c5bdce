using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize train</c>: a <c>tokenizer.json</c> from a corpus.</summary>
internal static class TokenizeTrainCommand
{
    private const int UsualVocabSize = 4096;

    public static Command Create(CommandContext context)
    {
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => DotnetDocs };
        var kind = new Option<string>("--tokenizer") { Description = "bpe (byte-level byte-pair encoding) or char (a token per character). [default: bpe]", HelpName = "bpe|char", DefaultValueFactory = _ => "bpe" };
        kind.AcceptOnlyFromAmong("bpe", "char");
        var size = new Option<int?>("--vocab-size") { Description = $"Tokens wanted, of bpe. [default: {UsualVocabSize}]", HelpName = "number" };
        var target = new Option<string>("--out") { Description = "The file to write. [default: tokenizer.json]", HelpName = "file", DefaultValueFactory = _ => "tokenizer.json" };
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("train", "Train a tokenizer on a text and write it as tokenizer.json.") { data, kind, size, target, lossy, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(context, parsed.GetValue(data)!, parsed.GetValue(kind)!, parsed.GetValue(size), parsed.GetValue(target)!, parsed.GetValue(lossy), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private const string DotnetDocs = "dotnet-docs";

    private static int Run(CommandContext context, string data, string kind, int? size, string target, bool lossy, bool json, CancellationToken cancellation)
    {
        if (kind == "char" && size is not null) throw new MisuseException("--vocab-size belongs to --tokenizer bpe: a character tokenizer has a token for each character of the text.");
        if (kind == "bpe" && size is < 257) throw new MisuseException($"--vocab-size is {size}; byte-level BPE needs at least 257 (256 bytes and the end of text).");
        var screen = context.Screen(json);
        var corpus = data == "-" ? new StandardInputCorpus(context.OpenInput, lossy) : Corpus.Open(data, lossy);
        screen.Transient($"[dim]Reading {Markup.Escape(corpus.Name)}…[/]");
        var documents = corpus.Documents().Select(document => document.Text).ToList();
        var watch = Stopwatch.StartNew();
        var progress = new BpeProgress(screen);
        Tokenizer tokenizer = kind == "char"
            ? new CharacterTrainer().Train(documents)
            : new BpeTrainer { VocabSize = size ?? UsualVocabSize }.Train(documents, progress, cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        screen.Transient("[dim]Encoding the text…[/]");
        var (bytes, tokens) = (documents.Sum(text => (long)System.Text.Encoding.UTF8.GetByteCount(text)), documents.Sum(text => (long)tokenizer.CountTokens(text)));
        cancellation.ThrowIfCancellationRequested();
        tokenizer.Save(target);
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteString("hash", tokenizer.Hash);
                writer.WriteNumber("vocab_size", tokenizer.VocabSize);
                writer.WriteNumber("documents", documents.Count);
                writer.WriteNumber("bytes", bytes);
                writer.WriteNumber("tokens", tokens);
                writer.Number("bytes_per_token", (double)bytes / tokens);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
            });
            return ExitCode.Success;
        }

        screen.Line($"{Quantity.Of(tokenizer.VocabSize, "token")} from {Quantity.Bytes(bytes)} in {Quantity.Of(documents.Count, "document")}, trained in {seconds:0.0} s; {(double)bytes / tokens:0.00} bytes/token there");
        screen.Line($"Saved {Markup.Escape(target)}. Try:");
        screen.Line($"  stemma tokenize encode {Markup.Escape(target)} \"Hello, world!\"");
        return ExitCode.Success;
    }

    private sealed class BpeProgress(Screen screen) : IProgress<BpeTrainingProgress>
    {
        public void Report(BpeTrainingProgress value)
        {
            lock (screen)
            {
                screen.Transient(value.MergesLearned == 0
                    ? $"[dim]Counting words: {Quantity.Count(value.CharactersRead)} characters[/]"
                    : $"[dim]Learning merges: {value.MergesLearned:N0} of {value.MergesWanted:N0}[/]");
            }
        }
    }
}
