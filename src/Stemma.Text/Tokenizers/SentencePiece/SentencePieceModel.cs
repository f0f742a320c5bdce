namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>What a SentencePiece <c>.model</c> file holds (Kudo &amp; Richardson 2018, arXiv:1808.06226).</summary>
public sealed record SentencePieceModel
{
    /// <summary>The pieces; a piece's place is its id.</summary>
    public required IReadOnlyList<SentencePieceEntry> Pieces { get; init; }

    /// <summary>Whether pieces are merged by score (byte pair encoding) instead of chosen by probability (Unigram).</summary>
    public bool IsBpe { get; init; }

    /// <summary>Whether text that no piece covers is spelled in bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a text begins as if after a space.</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Whether spaces at either end go and several become one.</summary>
    public bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>Whether spaces are written as <c>▁</c>.</summary>
    public bool EscapeWhitespaces { get; init; } = true;

    /// <summary>Whether the space of a word stands behind it instead of before it.</summary>
    public bool WhitespaceAsSuffix { get; init; }

    /// <summary>What replaces what in a text, in the format's own form (a trie and strings); empty for nothing.</summary>
    public ReadOnlyMemory<byte> CharsMap { get; init; }

    /// <summary>What a decoded text shows for <see cref="PieceType.Unknown"/>.</summary>
    public string UnknownSurface { get; init; } = " ⁇ ";

    /// <summary>The file's training settings as they stand there, to be written back; empty when made here.</summary>
    internal ReadOnlyMemory<byte> TrainerSpec { get; init; }

    /// <summary>The file's normalisation settings as they stand there; empty when made here.</summary>
    internal ReadOnlyMemory<byte> NormalizerSpec { get; init; }

    /// <summary>Further fields of the file, such as its self-test.</summary>
    internal ReadOnlyMemory<byte> Rest { get; init; }

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">It is not a SentencePiece model, or one of words or characters.</exception>
    public static SentencePieceModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no SentencePiece model at {path}.", path);
        if (new FileInfo(path).Length > 1L << 28) throw new TextFormatException($"{path} is larger than 256 MB; it is not a SentencePiece model.");
        return SentencePieceFormat.Read(File.ReadAllBytes(path), path);
    }

    /// <summary>Writes the model, whole or not at all.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new AtomicFile(path);
        file.Stream.Write(SentencePieceFormat.Write(this));
        file.Commit();
    }
}
