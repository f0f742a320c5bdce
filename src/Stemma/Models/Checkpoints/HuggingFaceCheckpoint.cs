using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// A decoder as a Hugging Face folder: <c>config.json</c>, <c>model.safetensors</c>, <c>generation_config.json</c>, with the names and shapes
/// of the library's own class, so that others' tools open our models and ours open theirs.
/// </summary>
internal static class HuggingFaceCheckpoint
{
    /// <summary>Loads a folder.</summary>
    /// <exception cref="CheckpointException">
    /// A file is missing or broken, the configuration asks for what the family does not do, or a tensor is missing, left over, of another shape
    /// than the configuration's, or no number. Nothing is loaded then.
    /// </exception>
    public static NeuralLanguageModel Load(string folder, HuggingFaceFamily family, Device device)
    {
        var path = Path.Combine(folder, CheckpointFiles.Config);
        var config = family.Read(ConfigFields.Read(path));
        try
        {
            config.Validate();
        }
        catch (ConfigurationException e)
        {
            throw new CheckpointException($"{path}: {e.Message}", e);
        }
        return CheckpointFiles.Reading(() =>
        {
            using var file = CheckpointFiles.OpenWeights(folder);
            return Read(file, family, config, device);
        });
    }

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="CheckpointException">The format has no name for something in the configuration.</exception>
    public static void Save(string folder, HuggingFaceFamily family, NeuralLanguageModel model, int? bosEosTokenId, string? tokenizerHash)
    {
        var fields = new JsonObject { ["architectures"] = new JsonArray(family.Architecture), ["model_type"] = family.ModelType, ["torch_dtype"] = "float32" };
        family.Write((DecoderConfig)model.Config, fields);
        foreach (var field in (string[])["bos_token_id", "eos_token_id", "pad_token_id"]) fields[field] = field == "pad_token_id" ? null : bosEosTokenId;
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), fields.ToJsonString(Indented) + "\n");
        CheckpointFiles.WriteGenerationConfig(folder, bosEosTokenId);
        SafetensorsWriter.Write(
            Path.Combine(folder, CheckpointFiles.Weights), model.Parameters.Select(weight => (weight.Name, weight.Value)),
            tokenizerHash is null ? null : new Dictionary<string, string> { [CheckpointFiles.TokenizerKey] = tokenizerHash });
    }

    /// <summary>Reads the weights of a folder into a model that exists; where anything is wrong, the model stays as it was.</summary>
    /// <exception cref="CheckpointException">The file is missing, broken, or not this model's.</exception>
    public static void ReadWeights(string folder, HuggingFaceFamily family, NeuralLanguageModel model) => CheckpointFiles.Reading(() =>
    {
        using var file = CheckpointFiles.OpenWeights(folder);
        var read = Read(file, family, (DecoderConfig)model.Config, model.Device);
        foreach (var (target, source) in model.Parameters.Zip(read.Parameters))
        {
            target.Value.CopyFrom(source.Value);
            Memory.Return(source.Value);
        }
        return true;
    });

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static NeuralLanguageModel Read(TensorFile file, HuggingFaceFamily family, DecoderConfig config, Device device)
    {
        // Before anything is allocated: a block needs tensors of its own.
        if (config.LayerCount > file.Tensors.Count) throw new CheckpointException($"{file.Path} has {file.Tensors.Count} tensors, too few for the {config.LayerCount} blocks of config.json.");
        var hasPrefix = file.Contains(family.Embedding);
        var source = new CheckpointWeights(file, Place);
        var model = config.Build(new Weights(source, device));
        var head = $"{family.Head}.weight";
        source.ExpectNoOthers(name => family.IsBuffer(name) || (config.TiesEmbeddings && name == head));
        if (config.TiesEmbeddings && file.Contains(head)) RequireTied(file, head, Place(family.Embedding).Name);
        return model;

        TensorPlace Place(string name) => new(hasPrefix || !name.StartsWith(family.Prefix, StringComparison.Ordinal) ? name : name[family.Prefix.Length..], Transposed: false);
    }

    /// <summary>A stored output projection of a model that has none of its own must be the token embedding.</summary>
    private static void RequireTied(TensorFile file, string head, string embedding)
    {
        using var scope = Memory.Scope();
        if (file[head].Shape == file[embedding].Shape && file.ReadTensor(head).Cast(DType.Float32).Span<float>().SequenceEqual(file.ReadTensor(embedding).Cast(DType.Float32).Span<float>())) return;
        throw new CheckpointException($"{file.Path}: tensor {head} is not {embedding}, though tie_word_embeddings in config.json says that it is; set that to false.");
    }
}
