using Stemma.Text.Tokenizers;

namespace Stemma.Training.Encoders;

/// <summary>A tokenizer and the special tokens of an encoder: the tokenizer's own where it has them under one of the usual spellings, otherwise ids after its last.</summary>
public sealed class EncoderTokens
{
    /// <summary>Ids after the tokenizer's last, where it has none of the special tokens.</summary>
    internal const int Added = 4;

    /// <summary>The special tokens of a tokenizer.</summary>
    /// <param name="tokenizer">Of the text.</param>
    public EncoderTokens(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        Tokenizer = tokenizer;
        VocabSize = tokenizer.VocabSize;
        Begin = Find("[CLS]", "<s>");
        Separator = Find("[SEP]", "</s>");
        Mask = Find("[MASK]", "<mask>");
        Pad = Find("[PAD]", "<pad>");
        Special = new HashSet<int> { Begin, Separator, Mask, Pad };
    }

    /// <summary>Of the text.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Begins a text.</summary>
    public int Begin { get; }

    /// <summary>Ends a part of a text.</summary>
    public int Separator { get; }

    /// <summary>Stands for a hidden token.</summary>
    public int Mask { get; }

    /// <summary>Fills up a batch elsewhere.</summary>
    public int Pad { get; }

    /// <summary>All four.</summary>
    public IReadOnlySet<int> Special { get; }

    /// <summary>Tokens of the model: the tokenizer's and what was added.</summary>
    public int VocabSize { get; private set; }

    /// <summary>Whether a token begins a word: as byte-level tokenizers have it with a blank, WordPiece without ##.</summary>
    public bool BeginsWord(int token)
    {
        if (token >= Tokenizer.VocabSize || Special.Contains(token)) return true;
        var piece = Tokenizer.Piece(token);
        if (piece.StartsWith("##", StringComparison.Ordinal)) return false;
        var bytes = Tokenizer.Bytes(token);
        return bytes.Length == 0 || !char.IsAsciiLetterOrDigit((char)bytes[0]) && bytes[0] < 0x80;
    }

    private int Find(params string[] spellings)
    {
        foreach (var spelling in spellings)
            if (Tokenizer.SpecialTokens.TryGetValue(spelling, out var id)) return id;
        return VocabSize++;
    }
}
