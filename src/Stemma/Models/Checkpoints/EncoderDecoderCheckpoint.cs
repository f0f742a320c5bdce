using System.Text.Json;
using Stemma.Layers;
using Stemma.Models.Bart;
using Stemma.Models.T5;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Tokenizers;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// Encoder–decoders as Hugging Face folders: <c>config.json</c>, <c>generation_config.json</c> and <c>model.safetensors</c> with the names and shapes of
/// <c>T5ForConditionalGeneration</c>, <c>BartForConditionalGeneration</c> and <c>MBartForConditionalGeneration</c>.
/// </summary>
public static class EncoderDecoderCheckpoint
{
    /// <summary>Families that are read.</summary>
    public static IReadOnlyList<string> Families { get; } = ["t5", "bart", "mbart"];

    /// <summary>Loads a folder.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="device">Where the model goes; the processor when null.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, the configuration asks for what the family does not do here, or a tensor is missing, left over or of another shape. Nothing is loaded then.</exception>
    public static EncoderDecoderModel Load(string folder, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (path, config) = (Path.Combine(folder, CheckpointFiles.Config), ReadConfig(folder));
        try
        {
            using var file = CheckpointFiles.OpenWeights(folder);
            // Before anything is allocated: a block needs tensors of its own.
            var blocks = config is T5Config t5 ? (long)t5.LayerCount + t5.DecoderLayerCount : (long)((BartFamilyConfig)config).LayerCount + ((BartFamilyConfig)config).DecoderLayerCount;
            if (blocks > file.Tensors.Count) throw new CheckpointException($"{file.Path} has {file.Tensors.Count} tensors, too few for the {blocks} blocks of config.json.");
            var source = new CheckpointWeights(file, name => new(name, Transposed: false));
            var model = (EncoderDecoderModel)config.Build(new Weights(new WithAbsent(source, file), device ?? Device.Cpu));
            source.ExpectNoOthers(name => IsKnown(name, config));
            return model;
        }
        catch (ConfigurationException e)
        {
            throw new CheckpointException($"{path}: {e.Message}", e);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }

    /// <summary>The sizes of a folder's model.</summary>
    /// <exception cref="CheckpointException">The file is missing or broken, or the family is another.</exception>
    internal static ConditionalModelConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, CheckpointFiles.Config);
        return ModelFolder.TypeOf(folder) switch
        {
            "t5" => CheckpointFiles.ReadJson(path, StemmaJson.Default.T5ConfigFile).ToConfig(path),
            "bart" or "mbart" => CheckpointFiles.ReadJson(path, StemmaJson.Default.BartConfigFile).ToConfig(path),
            var type => throw new CheckpointException($"{path}: model_type is {type}; encoder–decoders are {string.Join(", ", Families)}."),
        };
    }

    /// <summary>How texts become the tokens of a folder's model: one tokenizer for either side, and what the family puts around them.</summary>
    /// <exception cref="CheckpointException">There is no tokenizer that can be read, it has more tokens than the model, or the family has one start per language.</exception>
    public static PairTokens Tokens(string folder, ConditionalModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        // mBART puts the language's token behind a source and before a target.
        if (config is MBartConfig) throw new CheckpointException($"{folder} holds an mBART, which wants a token for each language around its texts; that is not done here.");
        var tokenizer = ReadTokenizer(folder);
        if (tokenizer.VocabSize > config.SourceVocabSize)
            throw new CheckpointException($"The tokenizer in {folder} has {tokenizer.VocabSize} tokens, its model {config.SourceVocabSize}: they do not belong together.");
        return config switch
        {
            T5Config t5 => Around(null, t5.StartToken, t5.EndToken),
            BartFamilyConfig bart => Around(bart.BeginToken, bart.StartToken, bart.EndToken),
            _ => throw new ArgumentException($"{config.GetType().Name} has no format elsewhere.", nameof(config)),
        };

        PairTokens Around(int? sourceStart, int targetStart, int end) => new(tokenizer, tokenizer, lowercase: false) { SourceStart = sourceStart, SourceEnd = end, TargetStart = targetStart, TargetEnd = end };
    }

    private static Tokenizer ReadTokenizer(string folder)
    {
        try
        {
            return Tokenizer.Load(folder);
        }
        catch (Exception e) when (e is TextFormatException or FileNotFoundException)
        {
            throw new CheckpointException($"The model in {folder} takes token ids: {e.Message}", e);
        }
    }

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="model">A T5, BART or mBART.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer that the model was trained with, kept in the metadata; null where it is not known.</param>
    /// <exception cref="ArgumentException">The model's family has no such format.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, EncoderDecoderModel model, string? tokenizerHash = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        var (text, start, end, pad) = model.Config switch
        {
            T5Config t5 => (JsonSerializer.Serialize(T5ConfigFile.From(t5), StemmaJson.Default.T5ConfigFile), t5.StartToken, t5.EndToken, t5.PadToken),
            BartFamilyConfig bart => (JsonSerializer.Serialize(BartConfigFile.From(bart), StemmaJson.Default.BartConfigFile), bart.StartToken, bart.EndToken, bart.PadToken),
            _ => throw new ArgumentException($"{model.GetType().Name} has no format elsewhere.", nameof(model)),
        };
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), text + "\n");
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.GenerationConfig), $$"""
            {
              "_from_model_config": true,
              "decoder_start_token_id": {{start}},
              "eos_token_id": {{end}},
              "pad_token_id": {{pad}}
            }

            """);
        SafetensorsWriter.Write(Path.Combine(folder, CheckpointFiles.Weights), model.Parameters.Concat(model.Constants).Select(weight => (weight.Name, weight.Value)),
            tokenizerHash is null ? null : new Dictionary<string, string> { [CheckpointFiles.TokenizerKey] = tokenizerHash });
    }

    /// <summary>Copies of the shared table, and what first releases held beside it.</summary>
    private static bool IsKnown(string name, ConditionalModelConfig config) =>
        name is "encoder.embed_tokens.weight" or "decoder.embed_tokens.weight" or "model.encoder.embed_tokens.weight" or "model.decoder.embed_tokens.weight"
            or "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight" or "model.encoder.version" or "model.decoder.version"
        || (name == "lm_head.weight" && config is T5Config { TiedEmbeddings: true } or BartFamilyConfig { TiedEmbeddings: true });

    /// <summary>The logits' bias is 0 where a file has none.</summary>
    private sealed class WithAbsent(CheckpointWeights read, TensorFile file) : WeightSource
    {
        public override void Expect(string name, Shape shape)
        {
            if (!IsAbsent(name)) read.Expect(name, shape);
        }

        public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values)
        {
            if (IsAbsent(name)) values.Clear();
            else read.Fill(name, shape, initializer, values);
        }

        private bool IsAbsent(string name) => name == BartModel.LogitsBias && !file.Contains(name);
    }
}
