using System.Text;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;

namespace Stemma.Cli.Training;

/// <summary>The bytes a run holds out.</summary>
internal static class HeldOutText
{
    /// <summary>Where a run's folder keeps the held-out tokens.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "data", "validation.tokens");

    /// <summary>The held-out text as UTF-8, special tokens left out.</summary>
    public static byte[] Read(string folder, Tokenizer tokenizer)
    {
        using var shard = TokenShard.Open(PathIn(folder), tokenizer.Hash);
        var special = tokenizer.SpecialTokens.Values.ToHashSet();
        using var bytes = new MemoryStream();
        var ids = new int[4096];
        for (var start = 0L; start < shard.Length; start += ids.Length)
        {
            var part = ids.AsSpan(0, (int)Math.Min(ids.Length, shard.Length - start));
            shard.Read(start, part);
            foreach (var id in part)
                if (!special.Contains(id)) bytes.Write(tokenizer.Bytes(id));
        }

        return bytes.ToArray();
    }

    /// <summary>A few words of the held-out text that a shell takes as they are.</summary>
    public static string Prompt(byte[] heldOut, string source)
    {
        if (source == DotnetDocsCorpus.CorpusName) return "Gets or sets the";
        foreach (var line in Encoding.UTF8.GetString(heldOut.AsSpan(0, Math.Min(heldOut.Length, 8192))).Split('\n').Skip(1))
        {
            var words = line.Trim();
            if (words.Length < 12 || words.IndexOfAny(['"', '\\', '$', '`', '!', '\uFFFD']) >= 0 || !words.All(letter => letter >= ' ')) continue;
            var end = words.Length <= 24 ? words.Length : words.LastIndexOf(' ', 24);
            if (end > 4) return words[..end];
        }

        return "The ";
    }
}
