using System.Text.Json;
using Stemma.Layers;
using Stemma.Models.DistilBert;
using Stemma.Models.Electra;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// Encoders and their heads as Hugging Face folders: <c>config.json</c> and <c>model.safetensors</c> with the names and shapes of, for
/// example, <c>BertForMaskedLM</c>. <c>architectures</c> says which head a folder holds.
/// </summary>
public static class EncoderCheckpoint
{
    /// <summary>Families that are read.</summary>
    public static IReadOnlyList<string> Families { get; } = ["bert", "roberta", "distilbert", "albert", "electra"];

    /// <summary>Loads a folder with the head that it holds.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="device">Where the model goes; the processor when null.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, the configuration asks for what the family does not do here, or a tensor is missing, left over or of another shape. Nothing is loaded then.</exception>
    public static EncoderTask Load(string folder, Device? device = null)
    {
        var (config, architecture, labels) = ReadConfig(folder);
        var path = Path.Combine(folder, CheckpointFiles.Config);
        return Read(folder, config, weights => architecture[config.ClassName.Length..] switch
        {
            "ForMaskedLM" => new MaskedLanguageModel(config, weights),
            "ForPreTraining" when config is ElectraConfig electra => new ReplacedTokenDetector(electra, weights),
            "ForPreTraining" => new PairPretraining(config, weights),
            "ForSequenceClassification" => new SequenceClassifier(config, labels, weights),
            "ForTokenClassification" => new TokenClassifier(config, labels, weights),
            "ForQuestionAnswering" => new SpanExtractor(config, weights),
            _ => throw new CheckpointException($"{path}: architectures names {architecture}; here a folder holds {config.ClassName} and ForMaskedLM, ForPreTraining, ForSequenceClassification, ForTokenClassification or ForQuestionAnswering."),
        }, device ?? Device.Cpu, null);
    }

    /// <summary>Loads a folder's encoder under a new head, whose weights start as those of a new model where the folder has none.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c> of any head.</param>
    /// <param name="build">Makes the model of the folder's configuration.</param>
    /// <param name="seed">Of the head's weights.</param>
    /// <param name="device">Where the model goes; the processor when null.</param>
    /// <exception cref="CheckpointException">As <see cref="Load"/>; the encoder's own weights must all be there.</exception>
    public static T LoadUnder<T>(string folder, Func<EncoderConfig, IWeights, T> build, ulong seed, Device? device = null) where T : EncoderTask
    {
        ArgumentNullException.ThrowIfNull(build);
        var config = ReadConfig(folder).Config;
        return (T)Read(folder, config, weights => build(config, weights), device ?? Device.Cpu, new InitialWeights(seed));
    }

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="model">What to write.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer that the model was trained with, kept in the metadata; null where it is not known.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, EncoderTask model, string? tokenizerHash = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), ConfigText(model) + "\n");
        SafetensorsWriter.Write(Path.Combine(folder, CheckpointFiles.Weights), model.Parameters.Select(weight => (weight.Name, weight.Value)),
            tokenizerHash is null ? null : new Dictionary<string, string> { [CheckpointFiles.TokenizerKey] = tokenizerHash });
    }

    private static string ConfigText(EncoderTask model)
    {
        string[] architectures = [model.Config.ClassName + model.ClassSuffix];
        var names = model switch { SequenceClassifier texts => texts.Labels, TokenClassifier tokens => tokens.Labels, _ => null };
        var labels = names?.Index().ToDictionary(label => $"{label.Index}", label => label.Item);
        var numbers = names?.Index().ToDictionary(label => label.Item, label => label.Index);
        return model.Config is DistilBertConfig distilled
            ? JsonSerializer.Serialize(DistilBertConfigFile.From(distilled) with { Architectures = architectures, Labels = labels, LabelNumbers = numbers }, StemmaJson.Default.DistilBertConfigFile)
            : JsonSerializer.Serialize(EncoderConfigFile.From(model.Config) with { Architectures = architectures, Labels = labels, LabelNumbers = numbers }, StemmaJson.Default.EncoderConfigFile);
    }

    private static (EncoderConfig Config, string Architecture, string[] Labels) ReadConfig(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, CheckpointFiles.Config);
        if (ModelFolder.TypeOf(folder) == "distilbert")
        {
            var distilled = CheckpointFiles.ReadJson(path, StemmaJson.Default.DistilBertConfigFile);
            var read = distilled.ToConfig(path);
            return (read, Architecture(path, read, distilled.Architectures), Names(path, distilled.Labels));
        }
        var file = CheckpointFiles.ReadJson(path, StemmaJson.Default.EncoderConfigFile);
        var config = file.ToConfig(path);
        if (file.ProblemType is not (null or "single_label_classification")) throw new CheckpointException($"{path}: problem_type is {file.ProblemType}; it must be single_label_classification here.");
        return (config, Architecture(path, config, file.Architectures), Names(path, file.Labels));
    }

    private static string Architecture(string path, EncoderConfig config, string[]? names) =>
        (names ?? [$"{config.ClassName}Model"]) is [var name] && name.StartsWith(config.ClassName, StringComparison.Ordinal)
            ? name : throw new CheckpointException($"{path}: architectures is {string.Join(", ", names!)}; it must be one class of {config.ClassName}.");

    // Two labels are the library's default.
    private static string[] Names(string path, Dictionary<string, string>? labels)
    {
        if (labels is null) return ["LABEL_0", "LABEL_1"];
        var names = new string[labels.Count];
        for (var i = 0; i < names.Length; i++)
            names[i] = labels.GetValueOrDefault($"{i}") ?? throw new CheckpointException($"{path}: id2label has {labels.Count} labels, but none with the number {i}.");
        return names;
    }

    private static EncoderTask Read(string folder, EncoderConfig config, Func<IWeights, EncoderTask> build, Device device, InitialWeights? head)
    {
        try
        {
            using var file = CheckpointFiles.OpenWeights(folder);
            // Before anything is allocated: a block needs tensors of its own, but for those that share.
            if (config is not Albert.AlbertConfig && config.LayerCount > file.Tensors.Count) throw new CheckpointException($"{file.Path} has {file.Tensors.Count} tensors, too few for the {config.LayerCount} blocks of config.json.");
            var prefix = config.Family + ".";
            var hasPrefix = file.Tensors.Any(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal));
            var source = new CheckpointWeights(file, name => new(Place(name), Transposed: false));
            var model = build(new Weights(head is null ? source : new WithNewHead(source, head, file, Place, prefix), device));
            source.ExpectNoOthers(name => config.OtherTensors.Any((hasPrefix ? name : prefix + name).StartsWith) || config.OtherTensors.Any(name.StartsWith));
            return model;

            string Place(string name)
            {
                if (!hasPrefix && name.StartsWith(prefix, StringComparison.Ordinal)) name = name[prefix.Length..];
                // As the first releases called them.
                return file.Contains(name) ? name : Older(name) is { } older && file.Contains(older) ? older : name;
            }
        }
        catch (ConfigurationException e)
        {
            throw new CheckpointException($"{Path.Combine(folder, CheckpointFiles.Config)}: {e.Message}", e);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }

    private static string? Older(string name) =>
        name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? name[..^"weight".Length] + "gamma" :
        name.EndsWith("LayerNorm.bias", StringComparison.Ordinal) ? name[..^"bias".Length] + "beta" : null;

    /// <summary>The encoder's weights from a file; those of a head from there too where it holds them in the right shape, otherwise new.</summary>
    private sealed class WithNewHead(CheckpointWeights read, InitialWeights fresh, TensorFile file, Func<string, string> place, string prefix) : WeightSource
    {
        public override void Expect(string name, Shape shape)
        {
            if (!IsNew(name, shape)) read.Expect(name, shape);
        }

        public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values)
        {
            if (IsNew(name, shape)) fresh.Fill(name, shape, initializer, values);
            else read.Fill(name, shape, initializer, values);
        }

        private bool IsNew(string name, Shape shape)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !name.StartsWith(prefix + "pooler", StringComparison.Ordinal)) return false;
            return !file.Contains(place(name)) || file[place(name)].Shape != shape;
        }
    }
}
