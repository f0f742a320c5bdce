using System.Security.Cryptography;
using System.Text;
using Stemma.Models;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;

namespace Stemma.Training.Pairs;

/// <summary>A run's pairs as tokens.</summary>
internal sealed class PairData
{
    private PairData(PairTokens tokens, TokenPair[] train, TokenPair[] validation, long validationBytes, int leftOut, string fingerprint) =>
        (Tokens, Train, Validation, ValidationBytes, LeftOut, Fingerprint) = (tokens, train, validation, validationBytes, leftOut, fingerprint);

    public PairTokens Tokens { get; }

    public TokenPair[] Train { get; }

    public TokenPair[] Validation { get; }

    /// <summary>UTF-8 bytes of the held-out targets.</summary>
    public long ValidationBytes { get; }

    /// <summary>Pairs that were too long.</summary>
    public int LeftOut { get; }

    /// <summary>SHA-256 of all lines: tells whether the files are still those that a run began with.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads the files and makes, or takes, the tokenizers.</summary>
    /// <exception cref="ConfigurationException">The files do not belong together.</exception>
    public static PairData Prepare(PairRun run, PairTokens? tokens, IProgress<Preparation>? progress, CancellationToken cancellation)
    {
        progress?.Report(new($"Reading {run.Data.Source}", double.NaN));
        var train = PairText.Read(run.Data.Source, run.Data.Target);
        var valid = PairText.Read(run.Data.ValidSource, run.Data.ValidTarget);
        var plain = new Func<string, string>(text => run.Data.Lowercase ? text.Trim().ToLowerInvariant() : text.Trim());
        tokens ??= PretrainedPairs.Tokens(run) ?? Trained();
        var all = Pairs(train);
        var most = run.Data.MaxTokens > 0 ? run.Data.MaxTokens : int.MaxValue;
        TokenPair[] kept = [.. all.Where(pair => pair.Source.Length <= most && pair.Target.Length <= most)];
        if (kept.Length == 0) throw new ConfigurationException($"Every pair of {run.Data.Source} and {run.Data.Target} has more than {most} tokens on a side. Raise data.max_tokens.");
        return new(tokens, kept, Pairs(valid), valid.Targets.Sum(line => Encoding.UTF8.GetByteCount(plain(line))), all.Length - kept.Length, Hash([train.Sources, train.Targets, valid.Sources, valid.Targets]));

        PairTokens Trained()
        {
            var source = Build(run.SharedVocabulary ? [.. train.Sources, .. train.Targets] : train.Sources);
            return new(source, run.SharedVocabulary ? source : Build(train.Targets), run.Data.Lowercase);
        }

        Tokenizer Build(string[] lines)
        {
            Document[] documents = [.. lines.Select((line, i) => new Document($"{i}", plain(line)))];
            return run.Tokenizer is CharacterTokenizerConfig
                ? new Text.Tokenizers.Characters.CharacterTrainer { ByteFallback = true }.Train(documents.Select(document => document.Text))
                : TokenizerBuilder.Build(run.Tokenizer, [], documents, progress, cancellation);
        }

        TokenPair[] Pairs((string[] Sources, string[] Targets) text) => [.. text.Sources.Zip(text.Targets, tokens.Encode)];
    }

    private static string Hash(string[][] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in files.SelectMany(lines => lines.Append("\n"))) hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
