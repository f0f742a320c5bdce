using System.Text.Json;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Output;

/// <summary>Words with scores as JSON.</summary>
internal static class ScoredWords
{
    public static void Write(Utf8JsonWriter writer, string name, IEnumerable<ScoredWord> words)
    {
        writer.WriteStartArray(name);
        foreach (var word in words)
        {
            writer.WriteStartObject();
            writer.WriteString("word", word.Word);
            writer.Number("score", Math.Round(word.Score, 6));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
