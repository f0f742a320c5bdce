using System.Text;
using System.Text.Json;
using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Unigram;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.SentencePiece;

/// <summary>SentencePiece models against the original, by brute force, and on damaged files.</summary>
public sealed class SentencePieceTests
{
    private static readonly JsonElement s_goldens = JsonDocument.Parse(File.ReadAllBytes(TextData.Fixture("sentencepiece/goldens.json"))).RootElement;

    public static TheoryData<string> Models => [.. s_goldens.GetProperty("models").EnumerateObject().Select(model => model.Name)];

    [Theory, MemberData(nameof(Models))]
    public void Ids_and_decoded_texts_are_those_of_the_original(string name)
    {
        var tokenizer = Tokenizer.Load(TextData.Shared(["tokenizers", .. name.Split('/')]));
        var lines = s_goldens.GetProperty("lines").EnumerateArray().Select(line => line.GetString()!).ToArray();
        var expected = s_goldens.At("models", name).EnumerateArray().ToArray();
        for (var i = 0; i < lines.Length; i++)
        {
            var ids = tokenizer.Encode(lines[i]);
            Assert.True(expected[i].GetProperty("ids").Ints().SequenceEqual(ids), $"{name}: {JsonSerializer.Serialize(lines[i])} has the tokens {string.Join(' ', ids)}, not {expected[i].GetProperty("ids")}.");
            if (!expected[i].GetProperty("text").GetString()!.Contains('\uFFFD', StringComparison.Ordinal)) Assert.Equal(expected[i].GetProperty("text").GetString(), tokenizer.Decode(ids));
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_written_model_reads_back_equal_and_spans_cover_the_text_in_order(string name)
    {
        using var folder = new TemporaryFolder();
        var source = TextData.Shared(["tokenizers", .. name.Split('/')]);
        var tokenizer = SentencePieceTokenizer.Load(source);
        tokenizer.Save(folder.Path);
        var read = SentencePieceModel.Load(Path.Combine(folder.Path, "tokenizer.model"));
        Assert.Equal(tokenizer.Model.Pieces, read.Pieces);
        Assert.Equal(tokenizer.Model.TrainerSpec.ToArray(), read.TrainerSpec.ToArray());
        Assert.Equal(tokenizer.Model.NormalizerSpec.ToArray(), read.NormalizerSpec.ToArray());
        Assert.Equal(tokenizer.Model.Rest.ToArray(), read.Rest.ToArray());
        Assert.Equal(tokenizer.Hash, Tokenizer.Load(folder.Path).Hash);
        foreach (var line in s_goldens.GetProperty("lines").EnumerateArray().Select(line => line.GetString()!))
        {
            var spans = tokenizer.EncodeWithOffsets(line);
            Assert.Equal(tokenizer.Encode(line), spans.Select(span => span.Id));
            var at = 0;
            foreach (var span in spans)
            {
                Assert.InRange(span.ByteStart, at, Encoding.UTF8.GetByteCount(line));
                Assert.InRange(span.ByteEnd, span.ByteStart, Encoding.UTF8.GetByteCount(line));
                at = span.ByteStart;
            }
        }
    }

    [Fact]
    public void Offsets_point_into_the_text_before_normalisation()
    {
        var tokenizer = new SentencePieceTokenizer(Small(isBpe: false));
        Assert.Equal(["▁ab@2-4", "▁c@4-8"], tokenizer.EncodeWithOffsets("  ab   c ").Select(span => $"{span.Piece}@{span.CharStart}-{span.CharEnd}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Written_here_and_read_again_it_is_the_same(bool isBpe)
    {
        var model = Small(isBpe) with { ByteFallback = true, Pieces = [.. Small(isBpe).Pieces, .. Enumerable.Range(0, 256).Select(value => new SentencePieceEntry($"<0x{value:X2}>", 0, PieceType.Byte))] };
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "m.model");
        new SentencePieceTokenizer(model).Save(file);
        var read = SentencePieceTokenizer.Load(file);
        Assert.Equal(new SentencePieceTokenizer(model).Hash, read.Hash);
        foreach (var text in (string[])["abc ab", "x\U0001F600 ab", "日本"]) Assert.Equal(text, read.Decode(read.Encode(text)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_long_text_is_divided_as_well_as_a_short_one(bool isCrossed)
    {
        // After 400,000 bytes a sum in 32 bits counts in steps of 1, five times the difference between "ab" and "a", "b". Where "ba" is a piece, too, no place of the text is one that no piece crosses.
        List<(string, int, float)> pieces = [("ab", 0, -50.6f), ("a", 1, -25.4f), ("b", 2, -25.4f)];
        if (isCrossed) pieces.Add(("ba", 3, -60));
        List<int> ids = [], lengths = [];
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab", 200_000)) + "?");
        new Viterbi(new UnigramPieces(pieces, 9, new HashSet<int>())).Segment(text, ids, lengths);
        Assert.Equal([.. Enumerable.Repeat(0, 200_000), 9], ids);
        Assert.Equal(text.Length, lengths.Sum());
    }

    [Fact]
    public void A_text_of_several_stretches_has_the_best_segmentation()
    {
        var model = new UnigramTrainer { VocabSize = 600, Options = new() { CharacterCoverage = 0.99 } }.Train(File.ReadLines(TextData.Fixture("trainer-corpus.txt"))).Model;
        var normal = model.Pieces.Index().Where(piece => piece.Item.Type == PieceType.Normal).Select(piece => (piece.Item.Piece, piece.Index, piece.Item.Score)).ToList();
        var pieces = new UnigramPieces(normal, 0, new HashSet<int>());
        var random = new Random(3);
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => RandomText.Next(random, 10) + string.Concat(normal.Skip(i % normal.Count).Take(40).Select(piece => piece.Piece)))));
        Assert.True(text.Length > 3 * Viterbi.StretchLength);
        List<int> ids = [], lengths = [];
        new Viterbi(pieces).Segment(text, ids, lengths);
        Assert.Equal(text.Length, lengths.Sum());
        var scores = model.Pieces.Select(piece => (double)piece.Score).ToArray();
        var best = new BestPath();
        best.Find(text, pieces.Trie, scores, pieces.UnknownScore);
        double Score(IEnumerable<int> path) => path.Sum(id => id <= 0 ? (double)pieces.UnknownScore : scores[id]);
        Assert.InRange(Score(ids), Score(best.Ids) - 0.5, Score(best.Ids) + 1e-6);
    }

    [Fact]
    public void The_sign_of_a_space_reads_back_as_a_space_as_in_the_original()
    {
        var tokenizer = new UnigramTrainer { VocabSize = 600 }.Train(File.ReadLines(TextData.Fixture("trainer-corpus.txt")));
        Assert.Equal("a b", tokenizer.Decode(tokenizer.Encode("a▁b")));
        Assert.Equal(tokenizer.Encode("a b"), tokenizer.Encode("a▁b"));
    }

    [Fact]
    public void User_defined_pieces_stay_whole_and_control_pieces_are_no_text()
    {
        foreach (var isBpe in (bool[])[false, true])
        {
            var tokenizer = new SentencePieceTokenizer(Small(isBpe) with { AddDummyPrefix = false });
            Assert.Contains("<own>", tokenizer.Encode("ab<own>c").Select(tokenizer.Piece));
            Assert.DoesNotContain(1, tokenizer.Encode("<s>"));
            Assert.Equal([1], tokenizer.Encode("<s>", allowSpecial: true));
        }
    }

    [Fact]
    public void The_best_segmentations_and_samples_are_those_of_brute_force()
    {
        var tokenizer = new SentencePieceTokenizer(Small(isBpe: false) with { AddDummyPrefix = false });
        var scores = tokenizer.Model.Pieces.Select((piece, id) => (piece, id)).Where(item => item.piece.Type == PieceType.Normal).ToDictionary(item => item.piece.Piece, item => (item.id, item.piece.Score));
        const string text = "abcabcab";
        var all = Segmentations(text, scores).OrderByDescending(way => way.Score).ToArray();
        Assert.True(all.Length > 20);
        var best = tokenizer.Best(text, all.Length + 5);
        Assert.Equal(all.Length, best.Count);
        for (var i = 0; i < all.Length; i++) Assert.Equal(all[i].Score, best[i].LogProbability, 1e-5);
        Assert.Equal(all[0].Ids, tokenizer.Encode(text));
        Assert.Equal(all.Length, best.Select(way => string.Join(' ', way.Ids)).Distinct().Count());

        // χ² of 20 000 draws against P^α, at a level of one in a thousand.
        foreach (var alpha in (double[])[0.3, 1.0])
        {
            var total = all.Sum(way => Math.Exp(alpha * way.Score));
            var counts = new Dictionary<string, int>();
            for (var draw = 0; draw < 20_000; draw++)
            {
                var key = string.Join(' ', tokenizer.Sample(text, alpha, (ulong)draw * 7919 + 1));
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }

            var (chi, cells) = (0.0, 0);
            foreach (var way in all)
            {
                var expected = 20_000 * Math.Exp(alpha * way.Score) / total;
                if (expected < 5) continue;
                chi += Math.Pow(counts.GetValueOrDefault(string.Join(' ', way.Ids)) - expected, 2) / expected;
                cells++;
            }

            Assert.InRange(chi, 0, cells + 3.3 * Math.Sqrt(2.0 * cells) + 5);
        }
    }

    [Fact]
    public void Dropout_leaves_merges_out()
    {
        var tokenizer = new SentencePieceTokenizer(Small(isBpe: true) with { AddDummyPrefix = false });
        Assert.Equal(tokenizer.Encode("abcab"), tokenizer.Sample("abcab", 0, 1));
        Assert.Equal(["a", "b", "c", "a", "b"], tokenizer.Sample("abcab", 1, 1).Select(tokenizer.Piece));
        var some = Enumerable.Range(0, 200).Select(seed => tokenizer.Sample("ab", 0.25, (ulong)seed * 104729 + 3).Length).ToArray();
        Assert.InRange(some.Count(length => length == 2), 25, 80);
        Assert.All(Enumerable.Range(0, 50), seed => Assert.Equal("abcab", tokenizer.Decode(tokenizer.Sample("abcab", 0.5, (ulong)seed))));
    }

    [Fact]
    public void Damaged_files_are_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "m.model");
        new SentencePieceTokenizer(Small(isBpe: false)).Save(file);
        var whole = File.ReadAllBytes(file);
        var random = new Random(3);
        for (var i = 0; i < 600; i++)
        {
            var damaged = i < whole.Length ? whole[..i] : [.. whole];
            if (i >= whole.Length || i % 2 == 1)
                for (var flips = 0; flips < 3 && damaged.Length > 0; flips++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(file, damaged);
            try
            {
                _ = SentencePieceTokenizer.Load(file).Encode("ab c<own>");
            }
            catch (TextFormatException error)
            {
                Assert.Contains(file, error.Message, StringComparison.Ordinal);
            }
        }

        File.WriteAllBytes(file, [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        Assert.Throws<TextFormatException>(() => SentencePieceTokenizer.Load(file));
        Assert.Throws<FileNotFoundException>(() => SentencePieceTokenizer.Load(Path.Combine(folder.Path, "none.model")));
    }

    private static SentencePieceModel Small(bool isBpe) => new()
    {
        IsBpe = isBpe,
        Pieces =
        [
            new("<unk>", 0, PieceType.Unknown), new("<s>", 0, PieceType.Control), new("</s>", 0, PieceType.Control), new("<own>", 0, PieceType.UserDefined),
            new("a", -2.1f, PieceType.Normal), new("b", -2.3f, PieceType.Normal), new("c", -2.2f, PieceType.Normal), new("▁", -3.5f, PieceType.Normal), new("ab", -2.8f, PieceType.Normal),
            new("bc", -3.1f, PieceType.Normal), new("abc", -3.9f, PieceType.Normal), new("ca", -4.4f, PieceType.Normal), new("▁ab", -4.0f, PieceType.Normal), new("▁c", -4.1f, PieceType.Normal),
        ],
    };

    private static IEnumerable<(int[] Ids, double Score)> Segmentations(string text, Dictionary<string, (int Id, float Score)> scores)
    {
        if (text.Length == 0) yield return ([], 0);
        for (var length = 1; length <= text.Length; length++)
        {
            if (!scores.TryGetValue(text[..length], out var first)) continue;
            foreach (var (ids, score) in Segmentations(text[length..], scores)) yield return ([first.Id, .. ids], first.Score + score);
        }
    }
}
