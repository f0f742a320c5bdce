using Stemma.Models.NGram;
using Stemma.Text.Tokenizers.Words;
using Xunit;

namespace Stemma.Tests.Models.NGram;

public sealed class FileTests
{
    private const long Memory = 64 << 20;

    private static (NGramTable Table, WordTokenizer Tokenizer) Train(long memory = Memory, int threads = 1, Smoothing? smoothing = null) =>
        new NGramTrainer { Model = new() { Order = 4, Smoothing = smoothing ?? new ModifiedKneserNey() }, MemoryBytes = memory, ThreadCount = threads }.TrainWords(TinyCorpus.Random(4000));

    [Fact]
    public void Formats_hold_the_same_model()
    {
        using var folder = new TemporaryFolder();
        using (var table = Train().Table)
        {
            ArpaFile.Write(folder["a.arpa"], table);
            NGramFile.Write(folder["a.ngram"], table);
        }
        using (var table = ArpaFile.Read(folder["a.arpa"], Memory))
        {
            ArpaFile.Write(folder["b.arpa"], table);
            NGramFile.Write(folder["b.ngram"], table);
        }
        using (var table = NGramFile.Read(folder["a.ngram"], Memory)) ArpaFile.Write(folder["c.arpa"], table);
        var arpa = File.ReadAllBytes(folder["a.arpa"]);
        Assert.Equal(arpa, File.ReadAllBytes(folder["b.arpa"]));
        Assert.Equal(arpa, File.ReadAllBytes(folder["c.arpa"]));
        Assert.Equal(File.ReadAllBytes(folder["a.ngram"]), File.ReadAllBytes(folder["b.ngram"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Scores_do_not_depend_on_where_a_text_is_cut(int order)
    {
        using var folder = new TemporaryFolder();
        var (table, tokenizer) = new NGramTrainer { Model = new() { Order = order }, MemoryBytes = Memory, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(1000));
        using (table) NGramFile.Write(folder["a.ngram"], table);
        using var model = NGramModel.Open(folder["a.ngram"]);
        var ids = tokenizer.Encode(TinyCorpus.Random(60, seed: 3)[0].Text);
        var expected = Scores(1);
        foreach (var length in (int[])[2, 3, 5, 9, ids.Length]) Assert.Equal(expected, Scores(length));

        // Piece by piece, the state carried.
        double[] Scores(int length)
        {
            var scores = new double[ids.Length];
            using var state = model.Start();
            for (var start = 0; start < ids.Length; start += length) model.Score(state, ids.AsSpan(start, Math.Min(length, ids.Length - start)), scores.AsSpan(start));
            Assert.Equal(ids.Length, state.Length);
            return scores;
        }
    }

    [Fact]
    public void Looking_up_equals_the_table()
    {
        using var folder = new TemporaryFolder();
        var (table, tokenizer) = Train();
        using var _ = table;
        NGramFile.Write(folder["a.ngram"], table);
        var entries = TinyCorpus.Entries(table);
        using var model = NGramModel.Open(folder["a.ngram"]);
        var ids = tokenizer.Encode(TinyCorpus.Random(50, seed: 2)[0].Text + "w3 nobody w4\n");
        var (scores, alone, logits) = (new double[ids.Length], new double[1], new float[model.VocabSize]);
        using var state = model.Start();
        model.Score(state, ids, scores);
        Assert.Equal(ids.Length, state.Length);
        using var steps = model.Start();
        var context = new List<string> { "<s>" };
        for (var i = 0; i < ids.Length; i++)
        {
            var word = tokenizer.Piece(ids[i]);
            Assert.Equal(Math.Log(TinyCorpus.Probability(entries, [.. context.TakeLast(3)], word)), scores[i], 2e-6);
            using (var fork = steps.Fork()) model.Score(fork, [ids[i]], alone);
            Assert.Equal(scores[i], alone[0]);
            model.Advance([new(steps, new[] { ids[i] }, Wanted.Last)], logits);
            if (i + 1 < ids.Length) Assert.Equal(logits[ids[i + 1]], scores[i + 1], 1e-5);
            Assert.Equal(1, logits.Sum(logit => Math.Exp(logit)), 1e-5);
            context.Add(word);
            if (ids[i] == WordTokenizer.EndId) context = ["<s>"];
        }
    }

    [Fact]
    public void Scores_of_stupid_backoff_are_normalised()
    {
        using var folder = new TemporaryFolder();
        using (var table = Train(smoothing: new StupidBackoff()).Table) NGramFile.Write(folder["a.ngram"], table);
        using var model = NGramModel.Open(folder["a.ngram"]);
        Assert.False(model.IsNormalized);
        var sum = 0.0;
        for (var token = 0; token < model.VocabSize; token++)
        {
            if (token == WordTokenizer.BeginId) continue;
            using var state = model.Start();
            var score = new double[1];
            model.Score(state, [token], score);
            sum += Math.Exp(score[0]);
        }
        Assert.Equal(1, sum, 1e-5);
    }

    [Theory]
    [InlineData(1 << 20, 1)]
    [InlineData(1 << 20, 3)]
    [InlineData(64 << 20, 2)]
    public void Neither_memory_nor_threads_change_a_byte(long memory, int threads)
    {
        using var folder = new TemporaryFolder();
        using (var table = Train().Table)
        {
            Assert.False(table.Spilled);
            ArpaFile.Write(folder["a.arpa"], table);
        }
        using (var table = Train(memory, threads).Table)
        {
            Assert.Equal(memory == 1 << 20, table.Spilled);
            ArpaFile.Write(folder["b.arpa"], table);
        }
        Assert.Equal(File.ReadAllBytes(folder["a.arpa"]), File.ReadAllBytes(folder["b.arpa"]));
    }

    [Fact]
    public void A_damaged_binary_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        using (var table = Train().Table) NGramFile.Write(folder["a.ngram"], table);
        var whole = File.ReadAllBytes(folder["a.ngram"]);
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var bytes = (byte[])whole.Clone();
            if (i % 3 == 0) bytes = bytes[..random.Next(bytes.Length)];
            else bytes[i % 3 == 1 ? random.Next(120) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["b.ngram"], bytes);
            var error = Assert.Throws<CheckpointException>(() => NGramModel.Open(folder["b.ngram"]));
            Assert.Contains("b.ngram", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("hello", "line 2: the file ends here")]
    [InlineData("\\data\\\nngram 2=1\n", "line 2: expected \"ngram 1=\"")]
    [InlineData("\\data\\\nngram 1=99999999999\n\n\\1-grams:\n", "cannot be a vocabulary")]
    [InlineData("\\data\\\nngram 1=2\n\n\\1-grams:\n-1\ta\n\n\\end\\\n", "line 6: expected a 1-gram")]
    [InlineData("\\data\\\nngram 1=1\n\n\\1-grams:\n0.5\ta\n\n\\end\\\n", "line 5: the logarithm of a probability is \"0.5\"")]
    [InlineData("\\data\\\nngram 1=1\n\n\\1-grams:\nx\ta\n\n\\end\\\n", "line 5: expected a number")]
    [InlineData("\\data\\\nngram 1=2\n\n\\1-grams:\n-1\ta\n-1\ta\n\n\\end\\\n", "line 6: the word \"a\" is there twice")]
    [InlineData("\\data\\\nngram 1=1\nngram 2=1\n\n\\1-grams:\n-1\ta\n\n\\2-grams:\n-1\ta b\n\n\\end\\\n", "line 9: the word \"b\" is not among the unigrams")]
    [InlineData("\\data\\\nngram 1=1\nngram 2=1\n\n\\1-grams:\n-1\ta\n\n\\2-grams:\n-1\ta\n\n\\end\\\n", "line 9: expected 2 words, not 1")]
    [InlineData("\\data\\\nngram 1=2\nngram 2=1\nngram 3=1\n\n\\1-grams:\n-1\ta\n-1\tb\n\n\\2-grams:\n-1\ta b\n\n\\3-grams:\n-1\ta b a\n\n\\end\\\n", "\"b a\" that it ends with")]
    [InlineData("\\data\\\nngram 1=1\n\n\\1-grams:\n-1\ta\n", "the file ends here")]
    public void A_wrong_arpa_file_is_refused_with_its_line(string text, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.arpa"], text);
        var error = Assert.Throws<CheckpointException>(() => ArpaFile.Read(folder["a.arpa"], Memory));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-2.3453116, "-2.3453116")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(0, "0")]
    [InlineData(-12.25, "-12.25")]
    [InlineData(0.125, "0.125")]
    [InlineData(double.NegativeInfinity, "-99")]
    public void Numbers_are_written_and_read_alike(double value, string expected)
    {
        Span<byte> bytes = stackalloc byte[32];
        var text = System.Text.Encoding.ASCII.GetString(bytes[..LogNumber.Write(value, bytes)]);
        Assert.Equal(expected, text);
        Assert.True(LogNumber.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(LogNumber.Round(value), read);
    }
}
