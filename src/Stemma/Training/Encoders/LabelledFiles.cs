using System.IO.Compression;
using System.Text.Json;
using Stemma.Text;
using Stemma.Training.Pairs;

namespace Stemma.Training.Encoders;

/// <summary>A text and its class.</summary>
/// <param name="Text">At least a character.</param>
/// <param name="Label">Its class.</param>
public sealed record LabelledText(string Text, string Label);

/// <summary>A sentence as words, each with a tag.</summary>
/// <param name="Words">At least one.</param>
/// <param name="Tags">As many.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags);

/// <summary>A question whose answer stands in a text.</summary>
/// <param name="Text">Where the answer stands.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Answers">What counts as right.</param>
/// <param name="Start">Where the first of them begins in the text, in UTF-16 units.</param>
public sealed record TextQuestion(string Text, string Question, IReadOnlyList<string> Answers, int Start);

/// <summary>Reads labelled data in the formats that it is passed around in; a name that ends in <c>.gz</c> is unpacked. Errors name the file and the line.</summary>
public static class LabelledFiles
{
    /// <summary>A text, a tab and its label on each line.</summary>
    /// <exception cref="TextFormatException">A line has no tab, no text or no label.</exception>
    public static IReadOnlyList<LabelledText> Classes(string path)
    {
        var texts = new List<LabelledText>();
        foreach (var (number, line) in PairText.Lines(path).Index())
        {
            if (line.Length == 0) continue;
            var tab = line.LastIndexOf('\t');
            if (tab <= 0 || tab == line.Length - 1) throw new TextFormatException($"{path}, line {number + 1}: a text, a tab and its label belong there.");
            texts.Add(new(line[..tab].Trim(), line[(tab + 1)..].Trim()));
        }
        return NotEmpty(texts, path);
    }

    /// <summary>Words with tags: CoNLL-U (<c>.conllu</c>, the universal part of speech), otherwise a word and, in the last column, its tag; an empty line ends a sentence.</summary>
    /// <exception cref="TextFormatException">A line has too few columns.</exception>
    public static IReadOnlyList<TaggedSentence> Tags(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var universal = path.EndsWith(".conllu", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".conllu.gz", StringComparison.OrdinalIgnoreCase);
        var sentences = new List<TaggedSentence>();
        var (words, tags) = (new List<string>(), new List<string>());
        foreach (var (number, line) in PairText.Lines(path).Append("").Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                if (words.Count > 0) sentences.Add(new(words, tags));
                (words, tags) = ([], []);
                continue;
            }
            if (universal && line[0] == '#') continue;
            var columns = line.Split('\t');
            if (columns.Length < (universal ? 10 : 2)) throw new TextFormatException($"{path}, line {number + 1} has {columns.Length} column(s) between tabs; {(universal ? "CoNLL-U has 10" : "a word and its tag take 2")}.");
            // 1-2 are two words written as one, 1.1 one that is not written.
            if (universal && !int.TryParse(columns[0], out _)) continue;
            words.Add(columns[universal ? 1 : 0]);
            tags.Add(columns[universal ? 3 : columns.Length - 1].Trim());
        }
        return NotEmpty(sentences, path);
    }

    /// <summary>Questions in the JSON of SQuAD. Rajpurkar et al. 2016, arXiv:1606.05250.</summary>
    /// <exception cref="TextFormatException">It is no such JSON, or an answer does not stand where it says.</exception>
    public static IReadOnlyList<TextQuestion> Questions(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var questions = new List<TextQuestion>();
        try
        {
            using var file = File.OpenRead(path);
            using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
            using var json = JsonDocument.Parse(stream);
            foreach (var paragraph in json.RootElement.GetProperty("data").EnumerateArray().SelectMany(article => article.GetProperty("paragraphs").EnumerateArray()))
            {
                var text = paragraph.GetProperty("context").GetString()!;
                foreach (var question in paragraph.GetProperty("qas").EnumerateArray())
                {
                    var answers = question.GetProperty("answers").EnumerateArray().Select(answer => (Text: answer.GetProperty("text").GetString()!, Start: CharacterAt(text, answer.GetProperty("answer_start").GetInt32()))).ToArray();
                    // Of SQuAD 2.0, questions without an answer.
                    if (answers.Length == 0) continue;
                    if (string.IsNullOrWhiteSpace(answers[0].Text)) throw new TextFormatException($"{path}: the answer to \"{question.GetProperty("question").GetString()}\" is empty.");
                    if (answers[0].Start < 0 || !text.AsSpan(answers[0].Start).StartsWith(answers[0].Text, StringComparison.Ordinal))
                        throw new TextFormatException($"{path}: the answer \"{answers[0].Text}\" to \"{question.GetProperty("question").GetString()}\" does not stand where answer_start says.");
                    questions.Add(new(text, question.GetProperty("question").GetString()!, [.. answers.Select(answer => answer.Text).Distinct()], answers[0].Start));
                }
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TextFormatException($"{path} is not the JSON of SQuAD (data, paragraphs, context, qas, answers): {error.Message}", error);
        }
        catch (InvalidDataException error)
        {
            throw new TextFormatException($"{path} is not a gzip file, or it is damaged.", error);
        }
        return NotEmpty(questions, path);
    }

    // SQuAD counts Unicode characters, .NET UTF-16 units.
    private static int CharacterAt(string text, int character)
    {
        var at = 0;
        for (; character > 0 && at < text.Length; character--) at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return character == 0 ? at : -1;
    }

    private static List<T> NotEmpty<T>(List<T> examples, string path) => examples.Count > 0 ? examples : throw new TextFormatException($"{path} holds nothing to learn from.");
}
