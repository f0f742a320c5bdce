namespace Stemma.Text.Corpora.Readers;

/// <summary>What a reader takes from a file that may be hostile.</summary>
public sealed record ReadLimits
{
    /// <summary>Bytes of one record, unpacked; a longer one is skipped without being kept in memory.</summary>
    public int RecordBytes { get; init; } = 16 << 20;

    /// <summary>
    /// How many times its packed size a file may unpack to, once it has given <see cref="RatioGraceBytes"/>. Text packs 3 to 20 times; DEFLATE
    /// can reach 1,032 times, which only a bomb does.
    /// </summary>
    public int PackingRatio { get; init; } = 200;

    /// <summary>Unpacked bytes before <see cref="PackingRatio"/> counts.</summary>
    public long RatioGraceBytes { get; init; } = 16 << 20;

    /// <summary>How deep JSON may be nested.</summary>
    public int JsonDepth { get; init; } = 64;

    /// <summary>The usual limits.</summary>
    public static ReadLimits Usual { get; } = new();
}
