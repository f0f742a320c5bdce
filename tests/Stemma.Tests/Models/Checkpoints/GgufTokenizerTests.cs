using System.Text;
using Stemma.Models.Checkpoints;
using Stemma.Numerics.Formats;
using Stemma.Tests.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Formats;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Text.Tokenizers.WordPiece;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Models.Checkpoints;

public sealed class GgufTokenizerTests
{
    private static readonly string[] s_text = [.. Enumerable.Range(0, 40).Select(i => $"the small cat {i} sat on the small mat, and the café's cat saw the small rat. größer als 漢字 {i * i}")];

    [Fact]
    public void Byte_level_merges_come_back()
    {
        var tokenizer = new BpeTrainer { VocabSize = 400 }.Train(s_text);
        var pairs = tokenizer.Merges.Select(merge => $"{tokenizer.Piece(merge.Left)} {tokenizer.Piece(merge.Right)}").ToArray();
        Equal(tokenizer, GgufTokenizer.Load(Written(tokenizer, "gpt2", [("tokenizer.ggml.pre", "gpt-2"), ("tokenizer.ggml.merges", pairs), ("tokenizer.ggml.token_type", Types(tokenizer))])));
    }

    [Fact]
    public void Scores_of_SentencePiece_come_back()
    {
        var bpe = new SentencePieceBpeTrainer { VocabSize = 340, Options = new() { CharacterCoverage = 0.99 } }.Train(s_text);
        Equal(bpe, GgufTokenizer.Load(Written(bpe, "llama", Of(bpe.Model))));
        var unigram = new UnigramTrainer { VocabSize = 340 }.Train(s_text);
        Equal(unigram, TokenizerSource.Load(Written(unigram, "t5", Of(unigram.Model))));
    }

    [Fact]
    public void A_model_of_Llama_comes_back()
    {
        var tokenizer = SentencePieceTokenizer.Load(TextData.Shared("tokenizers", "llama2", "tokenizer.model"));
        Equal(tokenizer, GgufTokenizer.Load(Written(tokenizer, "llama", Of(tokenizer.Model))));
    }

    [Theory]
    [InlineData("##")]
    [InlineData("▁")]
    [InlineData("▁, all in brackets")]
    public void WordPieces_come_back_in_any_spelling(string spelling)
    {
        var vocabulary = new WordPieceTrainer { VocabSize = 150 }.Train(s_text).Select((token, id) => id == 149 ? "[unused0]" : id == 148 ? "▁" : id == 147 ? "##▁" : token).ToArray();
        var tokenizer = BertVocabulary.Build(vocabulary, lowercase: false);
        // The vocabulary of ggml: a mark before what begins a word instead of one before what goes on.
        string Marked(string token, int id) => id < 5 || (spelling.Length > 1 && token[0] == '[' && token.Length > 1) ? token : token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : "▁" + token;
        string[] spelled = spelling == "##" ? vocabulary : [.. vocabulary.Select(Marked)];
        var found = GgufTokenizer.Load(Written(tokenizer, "bert", [("tokenizer.ggml.tokens", spelled), ("tokenizer.ggml.token_type", Types(tokenizer)), ("tokenizer.ggml.normalizer.lowercase", false)]));
        Equal(tokenizer, found);
        Assert.Equal(tokenizer.Hash, found.Hash);
    }

    [Fact]
    public void A_vocabulary_of_BERT_comes_back_with_its_normalisation()
    {
        var tokenizer = BertVocabulary.Load(TextData.Shared("tokenizers", "bert", "bert-base-uncased-vocab.txt"));
        string[] marked = [.. Enumerable.Range(0, tokenizer.VocabSize).Select(id => tokenizer.SpecialTokens.Values.Contains(id) ? tokenizer.Piece(id) : tokenizer.Piece(id) is ['#', '#', _, ..] piece ? piece[2..] : "▁" + tokenizer.Piece(id))];
        (string, object)[] pairs = [("tokenizer.ggml.tokens", marked), ("tokenizer.ggml.token_type", Types(tokenizer))];
        var found = GgufTokenizer.Load(Written(tokenizer, "bert", pairs));
        Assert.Equal(tokenizer.Hash, found.Hash);
        Equal(tokenizer, found);
        var accents = GgufTokenizer.Load(Written(tokenizer, "bert", [.. pairs, ("tokenizer.ggml.normalizer.strip_accents", false)]));
        Assert.Equal(tokenizer.Encode("cafe"), found.Encode("CAFÉ"));
        Assert.NotEqual(found.Encode("CAFÉ"), accents.Encode("CAFÉ"));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var tokenizer = new BpeTrainer { VocabSize = 270 }.Train(s_text);
        var path = Written(tokenizer, "gpt2", [("tokenizer.ggml.merges", tokenizer.Merges.Select(merge => $"{tokenizer.Piece(merge.Left)} {tokenizer.Piece(merge.Right)}").ToArray()), ("tokenizer.ggml.token_type", Types(tokenizer))]);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length += length < 200 ? 1 : 61)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<CheckpointFormatException>(() => GgufTokenizer.Load(path));
        }

        // Any byte wrong: read, or refused in a sentence.
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(Math.Min(damaged.Length, round < 200 ? 400 : int.MaxValue))] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            var error = Record.Exception(() => GgufTokenizer.Load(path));
            Assert.True(error is null or CheckpointFormatException or Stemma.CheckpointException, $"{error}");
        }
    }

    [Fact]
    public void What_does_not_fit_together_is_named()
    {
        var tokenizer = new BpeTrainer { VocabSize = 260 }.Train(s_text);
        (string, object) types = ("tokenizer.ggml.token_type", Types(tokenizer));
        (string, object) merges = ("tokenizer.ggml.merges", new[] { "zz q" });
        Assert.Contains("of the kind \"rwkv\"", Refused(Written(tokenizer, "rwkv", [])), StringComparison.Ordinal);
        Assert.Contains("\"surprise\", a division into words that is not known", Refused(Written(tokenizer, "gpt2", [types, merges, ("tokenizer.ggml.pre", "surprise")])), StringComparison.Ordinal);
        Assert.Contains("the merge 0, \"zz q\"", Refused(Written(tokenizer, "gpt2", [types, merges])), StringComparison.Ordinal);
        Assert.Contains("has no tokenizer.ggml.merges", Refused(Written(tokenizer, "gpt2", [types])), StringComparison.Ordinal);
        Assert.Contains("token_type has 1 entries for 260 tokens", Refused(Written(tokenizer, "gpt2", [("tokenizer.ggml.token_type", new[] { 1 })])), StringComparison.Ordinal);
        Assert.Contains("has no token [UNK]; its vocabulary is not one of BERT", Refused(Written(tokenizer, "bert", [types])), StringComparison.Ordinal);
        Assert.Contains("the token 3 repeats \"##b\"", Refused(Written(tokenizer, "bert", [("tokenizer.ggml.tokens", new[] { "[UNK]", "▁a", "b", "b" }), ("tokenizer.ggml.token_type", new[] { 2, 1, 1, 1 })])), StringComparison.Ordinal);
        Assert.Contains("has no tokenizer.ggml.scores", Refused(Written(tokenizer, "llama", [types])), StringComparison.Ordinal);
    }

    private static string Refused(string path) => Assert.Throws<Stemma.CheckpointException>(() => GgufTokenizer.Load(path)).Message;

    private static void Equal(Tokenizer expected, Tokenizer found)
    {
        Assert.Equal(expected.VocabSize, found.VocabSize);
        for (var seed = 0; seed < 40; seed++)
        {
            var text = RandomText.Next(new Random(seed), 30) + s_text[seed % s_text.Length];
            Assert.Equal(expected.Encode(text), found.Encode(text));
            Assert.Equal(expected.Decode(expected.Encode(text)), found.Decode(expected.Encode(text)));
        }
    }

    private static (string, object)[] Of(SentencePieceModel model) =>
    [
        ("tokenizer.ggml.scores", model.Pieces.Select(piece => piece.Score).ToArray()), ("tokenizer.ggml.token_type", model.Pieces.Select(piece => (int)piece.Type).ToArray()),
        ("tokenizer.ggml.add_space_prefix", model.AddDummyPrefix), ("tokenizer.ggml.remove_extra_whitespaces", model.RemoveExtraWhitespaces),
    ];

    private static int[] Types(Tokenizer tokenizer) => [.. Enumerable.Range(0, tokenizer.VocabSize).Select(id => tokenizer.SpecialTokens.Values.Contains(id) ? 3 : 1)];

    private static string Written(Tokenizer tokenizer, string model, (string Key, object Value)[] more)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("stemma-gguf-").FullName, "vocabulary.gguf");
        const string Tokens = "tokenizer.ggml.tokens";
        (string Key, object Value)[] own = more.Any(pair => pair.Key == Tokens) ? [] : [(Tokens, Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.Piece).ToArray())];
        (string Key, object Value)[] pairs = [("general.name", "a test"), ("tokenizer.ggml.model", model), .. own, .. more];
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(0L);
        writer.Write((long)pairs.Length);
        foreach (var (key, value) in pairs)
        {
            Text(writer, key);
            switch (value)
            {
                case string text: writer.Write(8); Text(writer, text); break;
                case bool flag: writer.Write(7); writer.Write(flag); break;
                case string[] texts: List(writer, 8, texts, Text); break;
                case int[] numbers: List(writer, 5, numbers, (to, number) => to.Write(number)); break;
                case float[] numbers: List(writer, 6, numbers, (to, number) => to.Write(number)); break;
            }
        }

        return path;
    }

    private static void List<T>(BinaryWriter writer, int type, T[] values, Action<BinaryWriter, T> write)
    {
        writer.Write(9);
        writer.Write(type);
        writer.Write((long)values.Length);
        foreach (var value in values) write(writer, value);
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }
}
