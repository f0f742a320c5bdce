using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Text;

namespace Stemma.Evaluation.Suites;

/// <summary>Questions "a is to b as c is to d", by relation. Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781, section 4.1.</summary>
/// <param name="Relations">Each with its questions.</param>
public sealed record AnalogySuite(IReadOnlyList<AnalogyRelation> Relations)
{
    private const int WordsTogether = 4096;

    /// <summary>Reads a file like <c>questions-words.txt</c>: <c>: relation</c>, then four words a line.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">A line is something else; the message names it.</exception>
    public static AnalogySuite Read(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var (relations, number) = (new List<(string Name, List<AnalogyQuestion> Questions)>(), 0);
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == ":" && words.Length == 2) relations.Add((words[1], []));
            else if (words.Length == 4 && words[0] != ":" && relations.Count > 0) relations[^1].Questions.Add(new(words[0], words[1], words[2], words[3]));
            else throw new TextFormatException($"Line {number} of {path} is neither \": relation\" nor, after one, four words.");
        }
        if (relations.Sum(relation => relation.Questions.Count) == 0) throw new TextFormatException($"{path} holds no questions.");
        return new([.. relations.Select(relation => new AnalogyRelation(relation.Name, relation.Questions))]);
    }

    /// <summary>Answers the questions all of whose words have a vector, whatever their case. The three words asked with are no answers.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="method">How an answer is chosen.</param>
    /// <param name="progress">Told the share done.</param>
    /// <param name="cancellation">Stops it.</param>
    public IReadOnlyList<AnalogyResult> Evaluate(WordVectors vectors, AnalogyMethod method, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(method);
        var results = new List<AnalogyResult>();
        foreach (var relation in Relations)
        {
            var ids = relation.Questions.Select(question => (A: vectors.FindAnyCase(question.A), B: vectors.FindAnyCase(question.B), C: vectors.FindAnyCase(question.C), D: vectors.FindAnyCase(question.D)))
                .Where(ids => ids is { A: >= 0, B: >= 0, C: >= 0, D: >= 0 }).ToArray();
            var answers = Answer(vectors, ids, method, cancellation);
            results.Add(new(relation.Name, relation.Questions.Count, [.. ids.Zip(answers, (question, answer) => string.Equals(vectors.Words[question.D], vectors.Words[answer], StringComparison.OrdinalIgnoreCase))]));
            progress?.Report((double)results.Count / Relations.Count);
        }
        return results;
    }

    /// <summary>The best of all words for each question. Words are looked through by the slice, so that memory does not grow with them.</summary>
    private static int[] Answer(WordVectors vectors, (int A, int B, int C, int D)[] questions, AnalogyMethod method, CancellationToken cancellation)
    {
        int[] asked = [.. questions.SelectMany(question => (int[])[question.A, question.B, question.C]).Distinct()];
        var rows = asked.Select((word, row) => (word, row)).ToDictionary(pair => pair.word, pair => pair.row);
        var (best, scores) = (new int[questions.Length], new float[questions.Length]);
        Array.Fill(scores, float.NegativeInfinity);
        for (var start = 0; start < vectors.Count && asked.Length > 0; start += WordsTogether)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(WordsTogether, vectors.Count - start);
            using var scope = Memory.Scope();
            var left = Tensor.From<float>([.. asked.SelectMany(word => vectors.Unit(word).ToArray())], [asked.Length, vectors.Size]);
            var right = Tensor.From(vectors.Units.Slice(start * vectors.Size, count * vectors.Size), [count, vectors.Size]);
            var cosines = left.MatMul(right.Transposed).ToArray<float>();
            var values = new float[count];
            for (var i = 0; i < questions.Length; i++)
            {
                var (a, b, c, _) = questions[i];
                method.Score(Row(a), Row(b), Row(c), values);
                foreach (var word in (int[])[a, b, c])
                    if (word >= start && word < start + count) values[word - start] = float.NegativeInfinity;
                for (var k = 0; k < count; k++)
                    if (values[k] > scores[i]) (scores[i], best[i]) = (values[k], start + k);
            }

            ReadOnlySpan<float> Row(int word) => cosines.AsSpan(rows[word] * count, count);
        }
        return best;
    }
}

/// <summary>Questions of one relation.</summary>
/// <param name="Name">Such as <c>capital-common-countries</c>.</param>
/// <param name="Questions">The questions.</param>
public sealed record AnalogyRelation(string Name, IReadOnlyList<AnalogyQuestion> Questions);

/// <summary>a is to b as c is to d.</summary>
public sealed record AnalogyQuestion(string A, string B, string C, string D);

/// <summary>What was answered of one relation.</summary>
/// <param name="Relation">Its name.</param>
/// <param name="Questions">All questions.</param>
/// <param name="Answers">Of the questions all of whose words have a vector, in order: whether the answer was right.</param>
public sealed record AnalogyResult(string Relation, int Questions, IReadOnlyList<bool> Answers)
{
    /// <summary>Whether the relation is one of grammar, as the original's names say.</summary>
    public bool IsSyntactic => Relation.StartsWith("gram", StringComparison.Ordinal);

    /// <summary>Questions that could be answered.</summary>
    public int Present => Answers.Count;

    /// <summary>Those that were answered right.</summary>
    public int Right => Answers.Count(right => right);
}
