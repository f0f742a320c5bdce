using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Cli.Training;

/// <summary>What kind a tokenizer is, for a person.</summary>
internal static class TokenizerDescription
{
    /// <summary>"byte-level BPE".</summary>
    public static string Kind(Tokenizer tokenizer) => tokenizer switch
    {
        BpeTokenizer => "byte-level BPE",
        WordTokenizer => "words",
        _ => "characters",
    };
}
