using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma.Cli.Commands;

/// <summary>The model of a folder, of whatever kind, for verbs that treat all kinds alike.</summary>
/// <param name="Name">What it is; null where the <c>model_type</c> of a folder of it says that.</param>
/// <param name="VocabSize">Tokens it knows.</param>
/// <param name="Parameters">Its weights.</param>
/// <param name="HasForeignFormat">Whether other libraries open what is saved of it.</param>
/// <param name="Use">What can be done with a folder {0} of it, as a command.</param>
/// <param name="UseWithoutTokenizer">The same where there is no tokenizer.</param>
/// <param name="Save">Writes it into a folder, beside the tokenizer.</param>
internal sealed record FolderModel(string? Name, int VocabSize, IReadOnlyList<Parameter> Parameters, bool HasForeignFormat, string Use, string UseWithoutTokenizer, Action<string, Tokenizer?> Save)
{
    /// <summary>Whether a folder holds an encoder, or an encoder–decoder in the form of Hugging Face.</summary>
    public static bool IsEncoder(string folder) => ModelFolder.TypeOf(folder) is var type && (EncoderCheckpoint.Families.Contains(type) || EncoderDecoderCheckpoint.Families.Contains(type));

    /// <summary>Loads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the model goes.</param>
    /// <param name="asPublished">Whether a decoder of chosen parts becomes one of the published family that has the same.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static FolderModel Open(string folder, Device device, bool asPublished = false)
    {
        var type = ModelFolder.TypeOf(folder);
        if (EncoderCheckpoint.Families.Contains(type))
        {
            var encoder = EncoderCheckpoint.Load(folder, device);
            return new(encoder.ClassName, encoder.Config.VocabSize, encoder.Parameters, true, "finetune {0} --task classify --data train.tsv --valid dev.tsv --out tuned", "info {0}",
                (target, tokenizer) => EncoderCheckpoint.Save(target, encoder, tokenizer?.Hash));
        }
        if (EncoderDecoderCheckpoint.Families.Contains(type))
        {
            var pair = EncoderDecoderCheckpoint.Load(folder, device);
            return new($"{type} encoder–decoder", pair.Config.TargetVocabSize, pair.Parameters, true, "translate run {0} --text \"A line\"", "info {0}",
                (target, tokenizer) => EncoderDecoderCheckpoint.Save(target, pair, tokenizer?.Hash));
        }
        var model = asPublished ? ModelFolder.Published(ModelFolder.Load(folder, device)) : ModelFolder.Load(folder, device);
        return new(null, model.VocabSize, model.Parameters, ModelFolder.HasForeignFormat(model), "generate {0} --prompt \"Once upon a time\"", "generate {0} --tokens \"1 2 3\"",
            (target, tokenizer) => ModelFolder.Save(target, model, tokenizer?.EndOfText, tokenizer?.Hash));
    }
}
