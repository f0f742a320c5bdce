using System.Text;
using System.Text.Json;
using Stemma.Numerics.Formats;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;
using Stemma.Training;

namespace Stemma.Curation;

/// <summary>The tokenizer and the shards of a build, from shuffled documents.</summary>
internal sealed class ShardOutput(BuildFolder build, Shuffle shuffle, List<string> scattered)
{
    private readonly BuildFolder _build = build;

    /// <summary>The tokenizer the recipe asks for, trained on a sample of the documents.</summary>
    public Tokenizer Tokenizer()
    {
        if (TokenizerFolder.Find(_build.Location) is { } file) return Text.Tokenizers.Tokenizer.Load(file);
        // A bucket is a fair sample of the whole.
        var texts = Enumerable.Range(0, shuffle.TrainBuckets).SelectMany(bucket => Shuffle.Gather(bucket, scattered));
        var (sample, taken) = (new List<Document>(), 0L);
        foreach (var document in texts)
        {
            if (taken > 0 && taken + document.ByteCount > _build.Recipe.Shards.TokenizerBytes) break;
            sample.Add(new($"{sample.Count}", document.Text));
            taken += document.ByteCount;
        }

        var progress = _build.Options.Progress is { } report ? new TokenizerProgress(report) : null;
        // What has a token a letter must know every letter.
        Corpus all = new EnumeratedCorpus(() => Enumerable.Range(0, shuffle.TrainBuckets + shuffle.HeldOutBuckets).SelectMany(bucket => Shuffle.Gather(bucket, scattered)).Select(document => new Document(document.Name, document.Text)));
        var tokenizer = TokenizerBuilder.Build(_build.Recipe.Tokenizer, [all], sample, progress, _build.Cancellation);
        TokenizerFolder.Save(tokenizer, _build.Location);
        return tokenizer;
    }

    /// <summary>Writes a bucket of the shuffle as a shard; null when it is empty.</summary>
    public ShardArtefact? Shard(int bucket, Tokenizer tokenizer)
    {
        var heldOut = bucket >= shuffle.TrainBuckets;
        var name = heldOut ? $"validation-{bucket - shuffle.TrainBuckets:00000}" : $"train-{bucket:00000}";
        var (tokens, list) = ($"{name}.tokens", $"{name}.documents.jsonl");
        if (!File.Exists(_build.In(tokens)))
        {
            var documents = Shuffle.Gather(bucket, scattered);
            if (documents.Count == 0) return null;
            var lines = new StringBuilder();
            foreach (var document in documents)
            {
                var line = new ShardDocument
                {
                    Name = document.Name,
                    File = document.File,
                    Position = document.Position,
                    Input = document.Input,
                    Part = document.Id >> 32,
                    Language = document.Language,
                    ChangedBy = [.. _build.Recipe.Steps.Where((_, i) => (document.ChangedBy >> i & 1) == 1).Select(step => step.Kind)],
                    Bytes = document.ByteCount,
                };
                lines.Append(JsonSerializer.Serialize(line, CurationJson.Default.ShardDocument)).Append('\n');
            }

            AtomicFile.WriteText(_build.In(list), lines.ToString());
            var builder = new ShardBuilder { Tokenizer = tokenizer, EndDocuments = tokenizer is not WordTokenizer, ThreadCount = _build.Options.Threads };
            builder.Build(_build.In(tokens), documents.Select(document => new Document(document.Name, document.Text)), null, _build.Cancellation);
        }

        using var shard = TokenShard.Open(_build.In(tokens), tokenizer.Hash);
        return new()
        {
            Path = tokens,
            Sha256 = BuildFolder.HashOf(_build.In(tokens)),
            HeldOut = heldOut,
            DocumentsPath = list,
            DocumentsSha256 = BuildFolder.HashOf(_build.In(list)),
            Documents = shard.Summary.DocumentCount,
            Tokens = shard.Length,
            Bytes = shard.TextByteCount,
        };
    }

    private sealed class TokenizerProgress(IProgress<CurationProgress> report) : IProgress<Preparation>
    {
        public void Report(Preparation value) => report.Report(new("Training the tokenizer", value.Fraction));
    }

    private sealed class EnumeratedCorpus(Func<IEnumerable<Document>> documents) : Corpus
    {
        public override string Name => "curated text";

        public override IEnumerable<Document> Documents() => documents();
    }
}
