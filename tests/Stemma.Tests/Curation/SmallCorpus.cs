using System.Text;
using System.Text.Json;

namespace Stemma.Tests.Curation;

/// <summary>Text that is made for a test, seeded.</summary>
internal static class SmallCorpus
{
    private static readonly string[] s_subjects = ["The old miller", "A young girl", "The captain of the ship", "My neighbour", "The teacher", "An engineer from the city", "The gardener", "A stranger with a hat"];
    private static readonly string[] s_verbs = ["walked slowly to", "wrote a long letter about", "could not forget", "told the children of", "looked for", "had always liked", "painted a picture of", "asked everyone about"];
    private static readonly string[] s_objects = ["the river behind the mill", "the garden that was full of roses", "the road to the mountains", "a house with green windows", "the machine in the cellar", "the storm of last winter", "an island in the north", "the song of the birds"];
    private static readonly string[] s_ends = ["and went home before the night came", "because the evening was quiet and warm", "while the others were asleep", "and nobody knew the reason", "as soon as the rain was over", "with a smile that was hard to read", "although it was late", "and that was the end of the matter"];

    /// <summary>A paragraph of English sentences, none like another.</summary>
    public static string Paragraph(Random random, int sentences)
    {
        var text = new StringBuilder();
        for (var i = 0; i < sentences; i++)
            text.Append(i > 0 ? " " : "").Append($"{Pick(s_subjects)} {Pick(s_verbs)} {Pick(s_objects)} {Pick(s_ends)}, {Word(random)} {Word(random)} {Word(random)}.");
        return text.ToString();

        string Pick(string[] words) => words[random.Next(words.Length)];
    }

    /// <summary>A word that can be said.</summary>
    public static string Word(Random random) => string.Concat(Enumerable.Range(0, 2 + random.Next(3)).Select(_ => $"{"bdfgklmnprstv"[random.Next(13)]}{"aeiou"[random.Next(5)]}"));

    /// <summary>A file of JSON Lines.</summary>
    public static void WriteJsonLines(string path, IEnumerable<(string Id, string Text)> documents)
    {
        using var writer = new StreamWriter(path);
        foreach (var (id, text) in documents) writer.WriteLine($"{{\"id\":{Quoted(id)},\"text\":{Quoted(text)}}}");
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
