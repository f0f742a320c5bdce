using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Cli.Training;

/// <summary>What kind a tokenizer is, for a person.</summary>
internal static class TokenizerDescription
{
    /// <summary>"byte-level BPE".</summary>
    public static string Kind(Tokenizer tokenizer) => tokenizer switch
    {
        BpeTokenizer => "byte-level BPE",
        PipelineTokenizer pipeline => pipeline.Pipeline.Model switch
        {
            BpeModel when pipeline.Pipeline.Decoder is ByteLevelDecoder => "byte-level BPE",
            BpeModel => "BPE",
            WordPieceModel => "WordPiece",
            WordLevelModel => "words",
            UnigramModel => "Unigram",
            _ => "a model of its own",
        },
        SentencePieceTokenizer { Model.IsBpe: true } => "SentencePiece BPE",
        SentencePieceTokenizer => "SentencePiece Unigram",
        WordTokenizer => "words",
        _ => "characters",
    };
}
