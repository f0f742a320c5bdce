using System.Text.Json;
using Stemma.Training;

namespace Stemma;

/// <summary>Reads a run's configuration.</summary>
internal static class TrainingRunJson
{
    /// <exception cref="ConfigurationException">Not JSON, or a field that is missing, unknown or of the wrong type; the message names the file and the field.</exception>
    public static TrainingRun Read(string json, string file)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StemmaJson.Default.TrainingRun) ?? throw new ConfigurationException($"{file} holds null instead of a run.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            var place = error is JsonException { Path: { Length: > 2 } path } ? $" ({path[2..]})" : "";
            throw new ConfigurationException($"{file} is not a run's configuration{place}: {error.Message.Split(" Path:")[0]}");
        }
    }
}
