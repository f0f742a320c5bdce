namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>The protobuf of <c>sentencepiece_model.proto</c>, by hand: what decides encoding is read, the rest is kept and written back.</summary>
internal static class SentencePieceFormat
{
    private const int MaxPieces = 1 << 24;
    private const ulong Unigram = 1;
    private const ulong Bpe = 2;

    public static SentencePieceModel Read(ReadOnlySpan<byte> bytes, string file)
    {
        List<SentencePieceEntry> pieces = [];
        ReadOnlySpan<byte> trainer = default, normalizer = default;
        var rest = new ProtobufWriter();
        var reader = new ProtobufReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    if (pieces.Count == MaxPieces) throw new TextFormatException($"{file} has more than {MaxPieces} pieces.");
                    pieces.Add(ReadPiece(reader.Bytes(), pieces.Count, file));
                    break;
                case 2: trainer = reader.Bytes(); break;
                case 3: normalizer = reader.Bytes(); break;
                default:
                    reader.Skip();
                    rest.Raw(reader.Raw);
                    break;
            }
        }

        if (pieces.Count == 0) throw new TextFormatException($"{file} has no pieces; it is not a SentencePiece model.");
        var model = new SentencePieceModel { Pieces = pieces, TrainerSpec = trainer.ToArray(), NormalizerSpec = normalizer.ToArray(), Rest = rest.Written.ToArray() };
        model = ReadNormalizer(ReadTrainer(model, trainer, file), normalizer, file);
        SentencePieceCheck.Throw(model, file);
        return model;
    }

    public static byte[] Write(SentencePieceModel model)
    {
        var writer = new ProtobufWriter();
        foreach (var (piece, score, type) in model.Pieces)
        {
            var entry = new ProtobufWriter();
            entry.Text(1, piece);
            entry.Real(2, score);
            if (type != PieceType.Normal) entry.Number(3, (ulong)type);
            writer.Bytes(1, entry.Written);
        }

        writer.Bytes(2, model.TrainerSpec.IsEmpty ? TrainerSpec(model) : model.TrainerSpec.Span);
        writer.Bytes(3, model.NormalizerSpec.IsEmpty ? NormalizerSpec(model) : model.NormalizerSpec.Span);
        writer.Raw(model.Rest.Span);
        return writer.Written.ToArray();
    }

    private static SentencePieceEntry ReadPiece(ReadOnlySpan<byte> bytes, int id, string file)
    {
        var (piece, score, type) = ("", 0f, PieceType.Normal);
        var reader = new ProtobufReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: piece = reader.Text(); break;
                case 2: score = reader.Real(); break;
                case 3: type = (PieceType)reader.Number(); break;
                default: reader.Skip(); break;
            }
        }

        if (piece.Length == 0) throw new TextFormatException($"{file}: the piece {id} is empty.");
        if (!float.IsFinite(score)) throw new TextFormatException($"{file}: the score of the piece {id} is not a number.");
        if (!Enum.IsDefined(type)) throw new TextFormatException($"{file}: the piece {id} is of an unknown type ({(int)type}).");
        return new(piece, score, type);
    }

    private static SentencePieceModel ReadTrainer(SentencePieceModel model, ReadOnlySpan<byte> bytes, string file)
    {
        var type = Unigram;
        var reader = new ProtobufReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: type = reader.Number(); break;
                case 24: model = model with { WhitespaceAsSuffix = reader.Flag() }; break;
                case 35: model = model with { ByteFallback = reader.Flag() }; break;
                case 44: model = model with { UnknownSurface = reader.Text() }; break;
                default: reader.Skip(); break;
            }
        }

        if (type is not (Unigram or Bpe)) throw new TextFormatException($"{file} is a model of {(type == 3 ? "words" : type == 4 ? "characters" : $"type {type}")}; supported are Unigram and BPE.");
        return model with { IsBpe = type == Bpe };
    }

    private static SentencePieceModel ReadNormalizer(SentencePieceModel model, ReadOnlySpan<byte> bytes, string file)
    {
        var reader = new ProtobufReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: model = model with { CharsMap = reader.Bytes().ToArray() }; break;
                case 3: model = model with { AddDummyPrefix = reader.Flag() }; break;
                case 4: model = model with { RemoveExtraWhitespaces = reader.Flag() }; break;
                case 5: model = model with { EscapeWhitespaces = reader.Flag() }; break;
                default: reader.Skip(); break;
            }
        }

        return model;
    }

    private static byte[] TrainerSpec(SentencePieceModel model)
    {
        var writer = new ProtobufWriter();
        writer.Number(3, model.IsBpe ? Bpe : Unigram);
        writer.Number(4, (ulong)model.Pieces.Count);
        if (model.WhitespaceAsSuffix) writer.Flag(24, true);
        foreach (var entry in model.Pieces)
        {
            if (entry.Type == PieceType.UserDefined) writer.Text(31, entry.Piece);
            else if (entry.Type == PieceType.Control && entry.Piece is not ("<s>" or "</s>")) writer.Text(30, entry.Piece);
        }

        if (model.ByteFallback) writer.Flag(35, true);
        writer.Number(40, Id(model, "<unk>"));
        writer.Number(41, Id(model, "<s>"));
        writer.Number(42, Id(model, "</s>"));
        if (model.UnknownSurface != " ⁇ ") writer.Text(44, model.UnknownSurface);
        return writer.Written.ToArray();
    }

    // A negative id, for none, is a number of 64 bits in this format.
    private static ulong Id(SentencePieceModel model, string piece)
    {
        for (var id = 0; id < model.Pieces.Count; id++)
            if (model.Pieces[id].Piece == piece) return (ulong)id;
        return ulong.MaxValue;
    }

    private static byte[] NormalizerSpec(SentencePieceModel model)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, model.CharsMap.IsEmpty ? "identity" : "user_defined");
        writer.Bytes(2, model.CharsMap.Span);
        writer.Flag(3, model.AddDummyPrefix);
        writer.Flag(4, model.RemoveExtraWhitespaces);
        writer.Flag(5, model.EscapeWhitespaces);
        return writer.Written.ToArray();
    }
}
