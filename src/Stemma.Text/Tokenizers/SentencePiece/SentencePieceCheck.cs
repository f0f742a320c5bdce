using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>Whether the pieces of a model fit together.</summary>
internal static class SentencePieceCheck
{
    public static void Throw(SentencePieceModel model, string name)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        var (unknowns, bytes) = (0, new bool[256]);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var (piece, _, type) = model.Pieces[id];
            if (!seen.Add(piece)) throw new TextFormatException($"{name}: the piece {id} repeats \"{piece}\".");
            if (type == PieceType.Unknown) unknowns++;
            if (type != PieceType.Byte) continue;
            if (ByteOf(piece) is not { } value) throw new TextFormatException($"{name}: the byte piece {id} is \"{piece}\"; it must be like <0x0A>.");
            if (!model.ByteFallback) throw new TextFormatException($"{name}: there is the byte piece \"{piece}\" without byte fallback.");
            bytes[value] = true;
        }

        if (unknowns != 1) throw new TextFormatException($"{name} has {unknowns} pieces for the unknown; it needs one.");
        if (model.ByteFallback && Array.IndexOf(bytes, false) is var missing and >= 0) throw new TextFormatException($"{name} has byte fallback but no piece <0x{missing:X2}>.");
        if (model.CharsMap.IsEmpty) return;
        try
        {
            _ = new CharsMap(model.CharsMap.ToArray());
        }
        catch (TextFormatException error)
        {
            throw new TextFormatException($"{name}: the table of replacements (precompiled_charsmap) {error.Message}", error);
        }
    }

    /// <summary>The byte a piece like <c>&lt;0x0A&gt;</c> stands for; null when it is not one.</summary>
    public static byte? ByteOf(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
        && byte.TryParse(piece.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}
