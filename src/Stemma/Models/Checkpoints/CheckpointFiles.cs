using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Checkpoints;

/// <summary>The files of a Hugging Face folder, and errors that name them.</summary>
internal static class CheckpointFiles
{
    public const string Config = "config.json";
    public const string Weights = "model.safetensors";
    public const string PickledWeights = "pytorch_model.bin";
    public const string ShardIndex = ".index.json";
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

    /// <summary>Opens the weights of a folder: <c>model.safetensors</c> whole or in shards, or else <c>pytorch_model.bin</c>, of which no code is run.</summary>
    /// <exception cref="CheckpointException">There are none.</exception>
    /// <exception cref="CheckpointFormatException">The file is broken.</exception>
    public static TensorFile OpenWeights(string folder)
    {
        var path = Path.Combine(folder, Weights);
        if (File.Exists(path)) return SafetensorsFile.Open(path);
        if (File.Exists(path + ShardIndex)) return ShardedTensors.Open(path + ShardIndex, SafetensorsFile.Open);
        var pickle = Path.Combine(folder, PickledWeights);
        if (File.Exists(pickle)) return PickleTensors.Open(pickle);
        if (File.Exists(pickle + ShardIndex)) return ShardedTensors.Open(pickle + ShardIndex, PickleTensors.Open);
        throw new CheckpointException($"{path} does not exist: a model's folder has {Config} and {Weights}.");
    }

    /// <summary>Writes <c>generation_config.json</c>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteGenerationConfig(string folder, int? bosEosTokenId)
    {
        var fields = new JsonObject { ["_from_model_config"] = true };
        if (bosEosTokenId is { } id) (fields["bos_token_id"], fields["eos_token_id"]) = (id, id);
        AtomicFile.WriteText(Path.Combine(folder, GenerationConfig), fields.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    /// <summary>Runs what reads tensors, with errors of the format as errors of the checkpoint.</summary>
    public static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }
}
