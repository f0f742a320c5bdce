using System.Text;
using Stemma.Text.Tokenizers.Decoders;

namespace Stemma.Text.Tokenizers;

/// <summary>The bytes each token of a pipeline stands for: what it adds to a text in whose middle it stands.</summary>
internal static class PipelineVocabulary
{
    /// <summary>The pieces of a pipeline by id.</summary>
    /// <exception cref="ArgumentException">An id between 0 and the highest is no token's, or an added token has another's.</exception>
    public static string[] Pieces(Pipeline pipeline)
    {
        var pieces = new string?[Math.Max(pipeline.Model.VocabSize, pipeline.AddedTokens.Select(token => token.Id + 1).DefaultIfEmpty(0).Max())];
        foreach (var token in pipeline.AddedTokens) pieces[token.Id] = token.Content;
        for (var id = 0; id < pipeline.Model.VocabSize; id++)
            if (pieces[id] is null) pieces[id] = pipeline.Model.Piece(id);
        var gap = Array.FindIndex(pieces, piece => piece is null);
        return gap < 0 ? pieces.OfType<string>().ToArray() : throw new ArgumentException($"No token has the id {gap}; ids must have no gaps.", nameof(pipeline));
    }

    public static Vocabulary Build(Pipeline pipeline)
    {
        var pieces = Pieces(pipeline);
        var added = pipeline.AddedTokens.Select(token => token.Id).ToHashSet();
        var decoder = pipeline.Decoder ?? SpaceDecoder.Instance;
        var hasFallback = Parts(decoder).Any(part => part is ByteFallbackDecoder);
        var tokens = new byte[pieces.Length][];
        for (var id = 0; id < tokens.Length; id++)
        {
            if (added.Contains(id)) tokens[id] = Encoding.UTF8.GetBytes(pieces[id]);
            else if (decoder is ByteLevelDecoder) tokens[id] = ByteLevelDecoder.Bytes(pieces[id]);
            else if (hasFallback && ByteFallbackDecoder.ByteOf(pieces[id]) is var value and >= 0) tokens[id] = [(byte)value];
            else tokens[id] = Encoding.UTF8.GetBytes(Between(decoder, pieces[id]));
        }

        return new Vocabulary(tokens);
    }

    private static IEnumerable<TokenDecoder> Parts(TokenDecoder decoder) => decoder is SequenceDecoder sequence ? sequence.Parts.SelectMany(Parts) : [decoder];

    // A letter before and behind it takes up what a decoder does at the ends of a text.
    private static string Between(TokenDecoder decoder, string piece)
    {
        const string Letter = "x", Other = "y";
        var whole = decoder.Decode([Letter, piece, Other]);
        var (before, behind) = (decoder.Decode([Letter, Other]), decoder.Decode([Other]));
        var start = whole.StartsWith(Letter, StringComparison.Ordinal) ? Letter.Length : 0;
        var tail = Math.Max(behind.Length, before.Length - start);
        return whole.Length - tail > start ? whole[start..^tail] : "";
    }
}
