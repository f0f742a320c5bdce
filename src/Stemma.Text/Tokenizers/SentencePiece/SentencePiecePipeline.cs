using System.Text;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>A Unigram model of SentencePiece in the parts of <c>tokenizer.json</c>.</summary>
internal static class SentencePiecePipeline
{
    private const string Space = "▁";

    public static PipelineTokenizer Of(SentencePieceModel model)
    {
        if (model.IsBpe || !model.CharsMap.IsEmpty || model.RemoveExtraWhitespaces || model.WhitespaceAsSuffix || !model.EscapeWhitespaces || !model.AddDummyPrefix || model.Pieces.Any(piece => piece.Type is PieceType.UserDefined or PieceType.Unused))
            throw new InvalidOperationException("The model has settings that tokenizer.json has no part for; keep it as a .model file.");
        var unknown = model.Pieces.Index().First(piece => piece.Item.Type == PieceType.Unknown).Index;
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = [.. model.Pieces.Index().Where(piece => piece.Item.Type is PieceType.Control or PieceType.Unknown).Select(piece => new AddedToken(piece.Index, piece.Item.Piece, IsSpecial: true))],
            Normalizer = new SequenceNormalizer([new PrependNormalizer(Space), new ReplaceNormalizer(new LiteralPattern(" "), Space)]),
            Model = new UnigramModel([.. model.Pieces.Select(piece => piece.Piece)], [.. model.Pieces.Select(piece => piece.Type == PieceType.Normal ? piece.Score : UnigramModel.Never)], unknown, model.ByteFallback),
            Decoder = new SequenceDecoder([new ReplaceDecoder(new LiteralPattern(Space), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(new Rune(' '), 1, 0)]),
        });
    }
}
