using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Checkpoints;

/// <summary>The files of a Hugging Face folder, and errors that name them.</summary>
internal static class CheckpointFiles
{
    public const string Config = "config.json";
    public const string Weights = "model.safetensors";
    public const string GenerationConfig = "generation_config.json";

    /// <summary>Names the tokenizer's hash in a weight file's metadata.</summary>
    public const string TokenizerKey = "stemma.tokenizer";

    /// <summary>Reads a JSON file into its mirror record.</summary>
    /// <exception cref="CheckpointException">No such file, or not such JSON.</exception>
    public static T ReadJson<T>(string path, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new CheckpointException($"{path} holds null instead of an object.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException(e.InnerException is not JsonException && e.Path is { Length: > 2 } field
                ? $"{path}: the field {field.TrimStart('$', '.')} does not hold what belongs there."
                : $"{path} is not a JSON object: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException($"{path} does not exist: a model's folder has {Config} and {Weights}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Opens the weights of a folder.</summary>
    /// <exception cref="CheckpointException">There are none in this format.</exception>
    /// <exception cref="CheckpointFormatException">The file is broken.</exception>
    public static SafetensorsFile OpenWeights(string folder)
    {
        var path = Path.Combine(folder, Weights);
        if (File.Exists(path)) return SafetensorsFile.Open(path);
        if (File.Exists(path + ".index.json")) throw new CheckpointException($"{folder} keeps its weights in several files ({Weights}.index.json); only a single {Weights} can be read.");
        if (File.Exists(Path.Combine(folder, "pytorch_model.bin"))) throw new CheckpointException($"{folder} has its weights in pytorch_model.bin, which can run code when read; convert it to {Weights} first.");
        throw new CheckpointException($"{path} does not exist: a model's folder has {Config} and {Weights}.");
    }
}
