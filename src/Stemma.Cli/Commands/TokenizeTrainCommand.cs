using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Training;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Text.Tokenizers.WordPiece;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize train</c>: a <c>tokenizer.json</c> from a corpus.</summary>
internal static class TokenizeTrainCommand
{
    private const int UsualVocabSize = 4096;

    public static Command Create(CommandContext context)
    {
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => DotnetDocs };
        var kind = new Option<string>("--tokenizer") { Description = "bpe (byte-level byte-pair encoding), unigram or sentencepiece-bpe (SentencePiece's, written as .model), wordpiece (BERT's vocab.txt), word, or char (a token per character). [default: bpe]", HelpName = "kind", DefaultValueFactory = _ => "bpe" };
        kind.AcceptOnlyFromAmong("bpe", "unigram", "sentencepiece-bpe", "wordpiece", "word", "char");
        var memory = new Option<string>("--memory") { Description = "Memory for training, such as 500MB; beyond it word counts go to disk, and the rarest words are left out. [default: 2GB]", HelpName = "size", DefaultValueFactory = _ => "2GB" };
        var size = new Option<int?>("--vocab-size") { Description = $"Tokens wanted; of words 0 for all. [default: {UsualVocabSize}]", HelpName = "number" };
        var target = new Option<string?>("--out") { Description = "The file to write. [default: tokenizer.json, tokenizer.model or vocab.txt]", HelpName = "file" };
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("train", "Train a tokenizer on a text.") { data, kind, size, memory, target, lossy, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(context, parsed.GetValue(data)!, parsed.GetValue(kind)!, parsed.GetValue(size), ByteSize.Parse("--memory", parsed.GetValue(memory)!), parsed.GetValue(target), parsed.GetValue(lossy), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private const string DotnetDocs = "dotnet-docs";

    private static int Run(CommandContext context, string data, string kind, int? size, long memory, string? target, bool lossy, bool json, CancellationToken cancellation)
    {
        if (kind == "char" && size is not null) throw new MisuseException("--vocab-size belongs to --tokenizer bpe: a character tokenizer has a token for each character of the text.");
        if (memory < 1 << 20) throw new MisuseException("--memory is less than a megabyte; training needs more.");
        var isSentencePiece = kind is "unigram" or "sentencepiece-bpe";
        target ??= isSentencePiece ? "tokenizer.model" : kind == "wordpiece" ? "vocab.txt" : "tokenizer.json";
        if (isSentencePiece != target.EndsWith(".model", StringComparison.OrdinalIgnoreCase))
            throw new MisuseException(isSentencePiece ? $"--out is {target}; {kind} is written as SentencePiece's format, a file that ends in .model." : $"--out is {target}; .model is the format of unigram and sentencepiece-bpe alone.");
        if (kind == "bpe" && size is < 257) throw new MisuseException($"--vocab-size is {size}; byte-level BPE needs at least 257 (256 bytes and the end of text).");
        var screen = context.Screen(json);
        var corpus = data == "-" ? new StandardInputCorpus(context.OpenInput, lossy) : Corpus.Open(data, lossy);
        screen.Transient($"[dim]Reading {Markup.Escape(corpus.Name)}…[/]");
        var read = new Reading(corpus);
        var watch = Stopwatch.StartNew();
        if (kind == "wordpiece") return TrainWordPiece(context, screen, read, size ?? UsualVocabSize, memory, target, json, cancellation);
        var options = new SentencePieceOptions { Memory = memory };
        Tokenizer tokenizer = kind switch
        {
            "char" => new CharacterTrainer().Train(read.Texts()),
            "word" => new WordTrainer { VocabSize = size ?? UsualVocabSize }.Train(read.Texts()),
            "unigram" => new UnigramTrainer { VocabSize = size ?? UsualVocabSize, Options = options }.Train(read.Stretches(), new TrainerProgress(screen), cancellation),
            "sentencepiece-bpe" => new SentencePieceBpeTrainer { VocabSize = size ?? UsualVocabSize, Options = options }.Train(read.Stretches(), new TrainerProgress(screen), cancellation),
            _ => new BpeTrainer { VocabSize = size ?? UsualVocabSize, Memory = memory }.Train(read.Stretches(), new BpeProgress(screen), cancellation),
        };
        var seconds = watch.Elapsed.TotalSeconds;
        // What training took is given back before encoding takes its own.
        GC.Collect();
        screen.Transient("[dim]Encoding the text…[/]");
        var tokens = read.Stretches().Sum(stretch => (long)tokenizer.CountTokens(stretch.Text));
        var (bytes, count) = (read.Bytes, read.Documents);
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
                writer.WriteNumber("documents", count);
                writer.WriteNumber("bytes", bytes);
                writer.WriteNumber("tokens", tokens);
                writer.Number("bytes_per_token", (double)bytes / tokens);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
            });
            return ExitCode.Success;
        }

        screen.Line($"{Quantity.Of(tokenizer.VocabSize, "token")} from {Quantity.Bytes(bytes)} in {Quantity.Of(count, "document")}, trained in {seconds:0.0} s; {(double)bytes / tokens:0.00} bytes/token there");
        screen.Line($"Saved {Markup.Escape(target)}. Try:");
        screen.Line($"  stemma tokenize encode {Markup.Escape(target)} \"Hello, world!\"");
        return ExitCode.Success;
    }

    private static int TrainWordPiece(CommandContext context, Screen screen, Reading read, int size, long memory, string target, bool json, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var vocabulary = new WordPieceTrainer { VocabSize = size, Memory = memory }.Train(read.Stretches(), new TrainerProgress(screen), cancellation);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, string.Concat(vocabulary.Select(token => token + "\n")));
        File.Move(temporary, target, overwrite: true);
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteNumber("vocab_size", vocabulary.Count);
                writer.WriteNumber("documents", read.Documents);
                writer.WriteNumber("seconds", Math.Round(watch.Elapsed.TotalSeconds, 3));
            });
        }
        else
        {
            screen.Line($"{Quantity.Of(vocabulary.Count, "token")} in {watch.Elapsed.TotalSeconds:0.0} s. Saved {Markup.Escape(target)}.");
        }

        return ExitCode.Success;
    }

    // Documents one after another, long ones in stretches, as often as asked; never all of them in memory. Counts the last time through.
    private sealed class Reading(Corpus corpus)
    {
        public int Documents { get; private set; }

        public long Bytes { get; private set; }

        public IEnumerable<string> Texts()
        {
            (Documents, Bytes) = (0, 0);
            foreach (var document in corpus.Documents())
            {
                Documents++;
                Bytes += System.Text.Encoding.UTF8.GetByteCount(document.Text);
                yield return document.Text;
            }
        }

        public IEnumerable<TextStretch> Stretches()
        {
            (Documents, Bytes) = (0, 0);
            foreach (var stretch in corpus.Stretches())
            {
                Documents += stretch.IsContinuation ? 0 : 1;
                Bytes += System.Text.Encoding.UTF8.GetByteCount(stretch.Text);
                yield return stretch;
            }
        }
    }

    private sealed class TrainerProgress(Screen screen) : IProgress<TokenizerProgress>
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();

        public void Report(TokenizerProgress value)
        {
            var left = value.Fraction is > 0.02 and { } done ? $", {Quantity.Clock(watch.Elapsed * ((1 - done) / done))} left" : "";
            lock (screen)
            {
                screen.Transient(value.Fraction is { } fraction
                    ? $"[dim]{Markup.Escape(value.Stage)}: {fraction * 100:0} %{left}[/]"
                    : $"[dim]{Markup.Escape(value.Stage)}: {Quantity.Count(value.CharactersRead)} characters[/]");
            }
        }
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
