using System.Text.Json.Nodes;
using Stemma.Tests.Text.Tokenizers.Bpe;
using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

public sealed class TokenizerJsonTests
{
    [Fact]
    public void What_is_saved_reads_back_equal()
    {
        using var folder = new TemporaryFolder();
        Tokenizer[] tokenizers =
        [
            TrainedTokenizer.Instance,
            new CharacterTrainer().Train(["Hello, \"wörld\"\n🙂\\"]),
            new CharacterTrainer { ByteFallback = true, SpecialTokens = ["<|endoftext|>"] }.Train(["abc <0x41>"]),
        ];
        foreach (var tokenizer in tokenizers)
        {
            tokenizer.Save(folder.Path);
            var copy = Tokenizer.Load(folder.Path);
            Assert.Equal(tokenizer.Hash, copy.Hash);
            Assert.Equal(tokenizer.SpecialTokens, copy.SpecialTokens);
            Assert.Equal(Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.Piece), Enumerable.Range(0, copy.VocabSize).Select(copy.Piece));
            var before = File.ReadAllBytes(folder["tokenizer.json"]);
            copy.Save(folder["tokenizer.json"]);
            Assert.Equal(before, File.ReadAllBytes(folder["tokenizer.json"]));
        }

        Assert.Equal(tokenizers.Length, tokenizers.Select(tokenizer => tokenizer.Hash).Distinct().Count());
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Merges_may_be_pairs_and_a_prefix_space_may_be_asked_for()
    {
        using var folder = new TemporaryFolder();
        var path = Edited(folder, root =>
        {
            root["pre_tokenizer"]!["add_prefix_space"] = true;
            var pairs = root["model"]!["merges"]!.AsArray().Select(merge => (JsonNode)new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(part => (JsonNode)part)]));
            root["model"]!["merges"] = new JsonArray([.. pairs]);
        });
        var tokenizer = Assert.IsType<BpeTokenizer>(Tokenizer.Load(path));
        Assert.True(tokenizer.AddPrefixSpace);
        Assert.NotEqual(TrainedTokenizer.Instance.Hash, tokenizer.Hash);
        Assert.Equal(TrainedTokenizer.Instance.Encode(" the story"), tokenizer.Encode("the story"));
        Assert.Equal(TrainedTokenizer.Instance.Encode(" the story"), tokenizer.Encode(" the story"));
        Assert.Equal(" the", tokenizer.Decode(tokenizer.Encode("the")));
        var spans = tokenizer.EncodeWithOffsets("the story");
        Assert.Equal((0, 0, 9, 9), (spans[0].CharStart, spans[0].ByteStart, spans[^1].CharEnd, spans[^1].ByteEnd));
    }

    public static TheoryData<string, Action<JsonNode>> Damages { get; } = new()
    {
        { "normalizer is \"Surprise\", which is not supported", root => root["normalizer"] = new JsonObject { ["type"] = "Surprise" } },
        { "normalizer has a field \"form\"", root => root["normalizer"] = new JsonObject { ["type"] = "NFC", ["form"] = 1 } },
        { "normalizer.pattern.Regex is an expression that is not supported", root => root["normalizer"] = JsonNode.Parse("""{"type":"Replace","pattern":{"Regex":"(a"},"content":""}""") },
        { "normalizer.pattern must hold either", root => root["normalizer"] = JsonNode.Parse("""{"type":"Replace","pattern":{},"content":""}""") },
        { "normalizer.normalizers[0] is null", root => root["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[null]}""") },
        { "normalizer.precompiled_charsmap is not base64", root => root["normalizer"] = JsonNode.Parse("""{"type":"Precompiled","precompiled_charsmap":"!"}""") },
        { "normalizer.precompiled_charsmap says its trie has", root => root["normalizer"] = JsonNode.Parse("""{"type":"Precompiled","precompiled_charsmap":"////fw=="}""") },
        { "truncation.max_length must be a whole number", root => root["truncation"] = new JsonObject { ["max_length"] = -5 } },
        { "padding.pad_id is 100000; the tokenizer has the ids 0 to", root => root["padding"] = JsonNode.Parse("""{"strategy":"BatchLongest","pad_id":100000,"pad_token":"x"}""") },
        { "pre_tokenizer.replacement must be one character", root => root["pre_tokenizer"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"ab"}""") },
        { "pre_tokenizer.behavior is \"Sideways\"", root => root["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"String":"a"},"behavior":"Sideways"}""") },
        { "post_processor has a field", root => root["post_processor"]!["type"] = "RobertaProcessing" },
        { "post_processor.cls[1] is 5000; the tokenizer has the ids", root => root["post_processor"] = JsonNode.Parse("""{"type":"BertProcessing","sep":["a",1],"cls":["b",5000]}""") },
        { "post_processor.single[0].SpecialToken.id names \"x\"", root => root["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}}""") },
        { "decoder is \"Surprise\", which is not supported", root => root["decoder"] = new JsonObject { ["type"] = "Surprise" } },
        { "has no \"model\"", root => root.AsObject().Remove("model") },
        { "model.type is \"Surprise\", which is not supported", root => root["model"]!["type"] = "Surprise" },
        { "model.dropout must be a probability", root => root["model"]!["dropout"] = 1.5 },
        { "model.vocab has no token \"<unk>\", which unknown characters become", root => root["model"]!["unk_token"] = "<unk>" },
        { "added_tokens[0].lstrip must be true or false", root => root["added_tokens"]![0]!["lstrip"] = 1 },
        { "model has a field \"surprise\" that is not supported", root => root["model"]!["surprise"] = 1 },
        { "the file has a field \"extra\"", root => root["extra"] = 1 },
        { "model.vocab[\"!\"] must be a whole number", root => root["model"]!["vocab"]!["!"] = -1 },
        { "model.vocab[\"!\"] must be a whole number", root => root["model"]!["vocab"]!["!"] = 1e30 },
        { "has id 1, which \"!\" already has", root => root["model"]!["vocab"]!["!"] = 1 },
        { "but none with id 0; ids must have no gaps", root => root["model"]!["vocab"]!["!"] = 2_000_000_000 },
        { "has no token for the byte 0x21", root => { root["model"]!["vocab"]!.AsObject().Remove("!"); root["model"]!["vocab"]!["Ġzzzz"] = 0; } },
        { "which is not spelled in the byte-level alphabet", root => { root["model"]!["vocab"]!["漢"] = 700; } },
        { "model.merges[2] names the token \"zqzq\", which is not in the vocabulary", root => root["model"]!["merges"]![2] = "zqzq e" },
        { "model.merges[1] must be two tokens", root => root["model"]!["merges"]![1] = "a b c" },
        { "model.merges[1] repeats the merge", root => root["model"]!["merges"]![1] = root["model"]!["merges"]![0]!.GetValue<string>() },
        { "model.merges must be an array", root => root["model"]!["merges"] = 3 },
        { "added_tokens[0].content is empty", root => root["added_tokens"]![0]!["content"] = "" },
        { "which contradicts model.vocab", root => root["added_tokens"]![0]!["id"] = 5 },
        { "must be an object", root => root["model"] = 7 },
    };

    [Theory]
    [MemberData(nameof(Damages), DisableDiscoveryEnumeration = true)]
    public void What_is_not_supported_or_damaged_is_named(string complaint, Action<JsonNode> damage)
    {
        using var folder = new TemporaryFolder();
        var path = Edited(folder, damage);
        var error = Assert.Throws<TextFormatException>(() => Tokenizer.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_json_are_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("There is no tokenizer at", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("is not JSON (line 2)", Assert.Throws<TextFormatException>(() => Tokenizer.Load(folder.Write("a", "{\n]"))).Message, StringComparison.Ordinal);
        Assert.Contains("must be an object", Assert.Throws<TextFormatException>(() => Tokenizer.Load(folder.Write("b", "[]"))).Message, StringComparison.Ordinal);
        Assert.Contains("is not JSON", Assert.Throws<TextFormatException>(() => Tokenizer.Load(folder.Write("c", new string('[', 100_000)))).Message, StringComparison.Ordinal);
        var surrogate = folder.Write("d", """{"model":{"type":"BPE","vocab":{"\ud800":0},"merges":[]},"decoder":{"type":"Fuse"}}""");
        Assert.Contains("lone surrogate", Assert.Throws<TextFormatException>(() => Tokenizer.Load(surrogate)).Message, StringComparison.Ordinal);
        var twice = folder.Write("e", """{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]},"decoder":{"type":"Fuse"}}""");
        Assert.Contains("has the token \"a\" twice", Assert.Throws<TextFormatException>(() => Tokenizer.Load(twice)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_is_read_or_refused_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(10);
        Tokenizer[] tokenizers = [new BpeTrainer { VocabSize = 270 }.Train(TrainedTokenizer.Lines), new CharacterTrainer { SpecialTokens = ["<s>"] }.Train(["abcé"])];
        foreach (var tokenizer in tokenizers)
        {
            tokenizer.Save(folder["good.json"]);
            var good = File.ReadAllBytes(folder["good.json"]);
            for (var round = 0; round < 500; round++)
            {
                var bytes = (byte[])good.Clone();
                for (var change = random.Next(1, 4); change > 0; change--)
                    bytes[random.Next(bytes.Length)] = round % 2 == 0 ? (byte)random.Next(256) : random.GetItems("\"\\{}[]:,0189tfnu- "u8, 1)[0];
                try
                {
                    var read = Tokenizer.Load(folder.Write("bad.json", bytes));
                    read.Decode([.. Enumerable.Range(0, read.VocabSize)]);
                }
                catch (TextFormatException error)
                {
                    Assert.DoesNotContain('\n', error.Message);
                }
            }
        }
    }

    private static string Edited(TemporaryFolder folder, Action<JsonNode> edit)
    {
        TrainedTokenizer.Instance.Save(folder["tokenizer.json"]);
        var root = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!;
        edit(root);
        return folder.Write("edited.json", root.ToJsonString());
    }
}
