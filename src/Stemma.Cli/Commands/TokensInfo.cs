using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Text.Shards;

namespace Stemma.Cli.Commands;

/// <summary>What a file of tokens holds, and what its documents would waste in rectangles.</summary>
internal static class TokensInfo
{
    private const int BatchSize = 32;

    public static int Show(CommandContext context, string path, int contextLength, bool json)
    {
        using var shard = TokenShard.Open(path);
        var summary = shard.Summary;
        long[] lengths = [.. Lengths(shard)];
        Array.Sort(lengths);
        var (median, longest) = lengths.Length == 0 ? (0, 0) : (lengths[lengths.Length / 2], lengths[^1]);
        var waste = PaddingWaste.Of(lengths, contextLength, BatchSize);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteNumber("documents", summary.DocumentCount);
                writer.WriteNumber("tokens", summary.TokenCount);
                writer.WriteNumber("bytes", summary.TextByteCount);
                writer.WriteNumber("median_tokens", median);
                writer.WriteNumber("longest_tokens", longest);
                writer.WriteNumber("vocab_size", shard.VocabSize);
                writer.WriteString("tokenizer_hash", shard.TokenizerHash);
                writer.WriteNumber("context_length", contextLength);
                writer.WriteNumber("batch_size", BatchSize);
                writer.Number("waste_random_batches", waste.RandomBatches);
                writer.Number("waste_bucketed_batches", waste.BucketedBatches);
                writer.Number("waste_packed", waste.Packed);
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"[bold]Tokens[/]     {summary.TokenCount:N0} of {Quantity.Bytes(summary.TextByteCount)} in {Quantity.Of(summary.DocumentCount, "document")}; vocabulary {shard.VocabSize:N0}");
        screen.Line($"[bold]Documents[/]  median {Quantity.Of(median, "token")}, longest {longest:N0}");
        screen.Line($"[bold]Waste[/]      at context {contextLength:N0}, {BatchSize} rows a batch: {Share(waste.RandomBatches)} padded in random order, {Share(waste.BucketedBatches)} sorted by length, {Share(waste.Packed)} packed as here");
        screen.Line($"[bold]Tokenizer[/]  {Markup.Escape(shard.TokenizerHash)}");
        return ExitCode.Success;
    }

    private static IEnumerable<long> Lengths(TokenShard shard)
    {
        var starts = shard.DocumentOffsets.ToArray();
        for (var i = 0; i < starts.Length; i++) yield return (i + 1 < starts.Length ? starts[i + 1] : shard.Length) - starts[i];
    }

    private static string Share(double share) => $"{100 * share:0.0}%";
}
