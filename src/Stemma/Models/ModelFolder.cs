using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Models.Composed;
using Stemma.Models.Gpt2;
using Stemma.Models.Mixture;
using Stemma.Models.NGram;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>Models of any family as folders, those of Hugging Face where the family has one: <c>model_type</c> in <c>config.json</c> says which it is.</summary>
public static class ModelFolder
{
    /// <summary>Loads the model of a folder, a neural one or one of counts.</summary>
    /// <param name="folder">Holds <c>config.json</c> and the model's own files.</param>
    /// <param name="device">Where a neural model goes.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static ILanguageModel Open(string folder, Device device) => TypeOf(folder) switch
    {
        NGramCheckpoint.ModelType => NGramCheckpoint.Load(folder),
        MixtureCheckpoint.ModelType => MixtureCheckpoint.Load(folder, device),
        _ => Load(folder, device),
    };

    /// <summary>Loads the neural model of a folder.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="device">Where the model goes.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static NeuralLanguageModel Load(string folder, Device device)
    {
        var modelType = TypeOf(folder);
        if (HuggingFaceFamilies.Named(modelType) is { } family) return HuggingFaceCheckpoint.Load(folder, family, device);
        return modelType switch
        {
            "gpt2" => Gpt2Checkpoint.Load(folder, device),
            OwnCheckpoint.ModelType => OwnCheckpoint.Load(folder, device),
            NGramCheckpoint.ModelType => throw new CheckpointException($"{folder} holds an n-gram model, which has no weights."),
            MixtureCheckpoint.ModelType => throw new CheckpointException($"{folder} holds a mixture of models, which has no weights of its own; its parts are folders in it."),
            var type when EncoderCheckpoint.Families.Contains(type) => throw new CheckpointException($"{folder} holds a model of type {type}, an encoder, which reads texts and continues none; `stemma finetune` puts a task on it."),
            var type when EncoderDecoderCheckpoint.Families.Contains(type) || type == ConditionalCheckpoint.ModelType => throw new CheckpointException($"{folder} holds a model of type {type}, an encoder–decoder, which answers a text and continues none; `stemma translate run` asks it."),
            var type => throw new CheckpointException($"{Path.Combine(folder, CheckpointFiles.Config)}: model_type is {type}; known are gpt2, {string.Join(", ", HuggingFaceFamilies.All.Select(known => known.ModelType))}, {OwnCheckpoint.ModelType}, {NGramCheckpoint.ModelType} and {MixtureCheckpoint.ModelType}."),
        };
    }

    /// <summary>Writes a model's <c>config.json</c>, where its family has one <c>generation_config.json</c>, and <c>model.safetensors</c>, each replaced as a whole.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="model">What to write.</param>
    /// <param name="endOfText">The token that begins and ends a text; null where there is none.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer that the model was trained with; null where it is not known.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, NeuralLanguageModel model, int? endOfText = null, string? tokenizerHash = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model is Gpt2Model gpt2) Gpt2Checkpoint.Save(folder, gpt2, endOfText, tokenizerHash);
        else if (HuggingFaceFamilies.Of(model.Config) is { } family) HuggingFaceCheckpoint.Save(folder, family, model, endOfText, tokenizerHash);
        else OwnCheckpoint.Save(folder, model, tokenizerHash);
    }

    /// <summary>The same model as its published family has it: a decoder of chosen parts whose parts are Llama's is a Llama. Any other model is itself.</summary>
    public static NeuralLanguageModel Published(NeuralLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Config is ComposedConfig composed && PublishedFamily.Of(composed) is { } family ? family.Build(new Weights(new CopiedWeights(model.Parameters), model.Device)) : model;
    }

    /// <summary>Whether a model's family has a format that other libraries open.</summary>
    public static bool HasForeignFormat(NeuralLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model is Gpt2Model || HuggingFaceFamilies.Of(model.Config) is not null;
    }

    /// <summary>The hash of the tokenizer that a folder's model was trained with; null where the file does not say (others' models).</summary>
    public static string? TokenizerHash(string folder)
    {
        var type = TypeOf(folder);
        if (type == NGramCheckpoint.ModelType) return NGramCheckpoint.TokenizerHash(folder);
        if (type == MixtureCheckpoint.ModelType) return MixtureCheckpoint.TokenizerHash(folder);
        using var file = CheckpointFiles.OpenWeights(folder);
        return file.Metadata.GetValueOrDefault(CheckpointFiles.TokenizerKey);
    }

    /// <summary>The <c>model_type</c> of a folder's <c>config.json</c>.</summary>
    /// <exception cref="CheckpointException">There is no such folder or file, or it does not say.</exception>
    public static string TypeOf(string folder)
    {
        if (!Directory.Exists(folder)) throw new CheckpointException($"There is no folder {folder}.");
        var path = Path.Combine(folder, CheckpointFiles.Config);
        return CheckpointFiles.ReadJson(path, StemmaJson.Default.ModelTypeFile).ModelType ?? throw new CheckpointException($"{path} lacks the field model_type.");
    }

    /// <summary>Reads a folder's weights into a model that exists; where anything is wrong, the model stays as it was.</summary>
    /// <exception cref="CheckpointException">The file is missing, broken, or not this model's.</exception>
    public static void ReadWeights(string folder, NeuralLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model is Gpt2Model gpt2) Gpt2Checkpoint.ReadWeights(Path.Combine(folder, CheckpointFiles.Weights), gpt2);
        else if (HuggingFaceFamilies.Of(model.Config) is { } family) HuggingFaceCheckpoint.ReadWeights(folder, family, model);
        else OwnCheckpoint.ReadWeights(folder, model);
    }
}

/// <summary>The one field of <c>config.json</c> that all families share.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record ModelTypeFile
{
    public string? ModelType { get; init; }
}
