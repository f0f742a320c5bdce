using System.Text.Json;
using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Gpt2;

/// <summary>
/// GPT-2 as a Hugging Face folder: <c>config.json</c>, <c>model.safetensors</c>, <c>generation_config.json</c>, with the names and
/// shapes of <c>GPT2LMHeadModel</c>, so that others' tools open our models and ours open theirs. Its linear layers are stored
/// [input, output]; the output projection is the token embedding and is not stored.
/// </summary>
public static class Gpt2Checkpoint
{
    private const string Prefix = "transformer.";

    /// <summary>Loads a folder.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c>, whose names may lack <c>transformer.</c></param>
    /// <param name="device">Where the model goes; the processor when null.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing or broken, the configuration asks for what this GPT-2 does not do, or a tensor is missing, left over or of
    /// another shape than the configuration's. Nothing is loaded then.
    /// </exception>
    public static Gpt2Model Load(string folder, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, CheckpointFiles.Config);
        var config = CheckpointFiles.ReadJson(path, StemmaJson.Default.Gpt2ConfigFile).ToConfig(path);
        try
        {
            using var file = CheckpointFiles.OpenWeights(folder);
            return Read(file, config, device ?? Device.Cpu);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="model">What to write.</param>
    /// <param name="bosEosTokenId">The token that begins and ends a text; null where there is none.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer that the model was trained with, kept in the metadata; null where it is not known.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, Gpt2Model model, int? bosEosTokenId = null, string? tokenizerHash = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        var config = JsonSerializer.Serialize(Gpt2ConfigFile.From((Gpt2Config)model.Config, bosEosTokenId), StemmaJson.Default.Gpt2ConfigFile);
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), config + "\n");
        CheckpointFiles.WriteGenerationConfig(folder, bosEosTokenId);
        WriteWeights(Path.Combine(folder, CheckpointFiles.Weights), model, tokenizerHash);
    }

    /// <summary>Writes the weights alone, as a safetensors file.</summary>
    /// <exception cref="IOException">The file cannot be written; what was there before is unchanged.</exception>
    public static void WriteWeights(string path, Gpt2Model model, string? tokenizerHash = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Write(path, model.Parameters.Select(weight =>
            (weight.Name, IsTransposed(weight.Name) ? weight.Value.Detach().Transposed : weight.Value)),
            tokenizerHash is null ? null : new Dictionary<string, string> { [CheckpointFiles.TokenizerKey] = tokenizerHash });
    }

    /// <summary>Reads the weights of a file into a model that exists; where anything is wrong, the model stays as it was.</summary>
    /// <exception cref="CheckpointException">The file is missing, broken, or not this model's.</exception>
    public static void ReadWeights(string path, Gpt2Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            using var file = SafetensorsFile.Open(path);
            var read = Read(file, (Gpt2Config)model.Config, model.Device);
            foreach (var (target, source) in model.Parameters.Zip(read.Parameters))
            {
                target.Value.CopyFrom(source.Value);
                Memory.Return(source.Value);
            }
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }

    private static Gpt2Model Read(TensorFile file, Gpt2Config config, Device device)
    {
        var hasPrefix = file.Contains(Prefix + "wte.weight");
        // Before anything is allocated: a block needs tensors of its own.
        if (config.LayerCount > file.Tensors.Count) throw new CheckpointException($"{file.Path} has {file.Tensors.Count} tensors, too few for the {config.LayerCount} blocks of config.json.");
        var source = new CheckpointWeights(file, Place);
        var model = new Gpt2Model(config, new Weights(source, device));
        source.ExpectNoOthers(IsKnown);
        CheckHead(file, Place("transformer.wte.weight").Name);
        return model;

        TensorPlace Place(string name) => new(hasPrefix ? name : name[Prefix.Length..], IsTransposed(name));
    }

    /// <summary>Matrices of linear layers, in the original's <c>Conv1D</c>, are [input, output].</summary>
    private static bool IsTransposed(string name) =>
        name.EndsWith(".c_attn.weight", StringComparison.Ordinal) || name.EndsWith(".c_proj.weight", StringComparison.Ordinal) || name.EndsWith(".c_fc.weight", StringComparison.Ordinal);

    /// <summary>Causal masks, which older files hold, and the tied output projection.</summary>
    private static bool IsKnown(string name) =>
        name == "lm_head.weight" || name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <summary>A stored output projection must be the token embedding.</summary>
    private static void CheckHead(TensorFile file, string embedding)
    {
        const string Head = "lm_head.weight";
        if (!file.Contains(Head)) return;
        using var scope = Memory.Scope();
        if (file[Head].Shape == file[embedding].Shape && file.ReadTensor(Head).Span<float>().SequenceEqual(file.ReadTensor(embedding).Span<float>())) return;
        throw new CheckpointException($"{file.Path}: tensor {Head} is not {embedding}; a GPT-2 whose output projection has weights of its own cannot be loaded.");
    }
}
