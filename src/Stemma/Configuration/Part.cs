using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models.Bloom;
using Stemma.Models.Composed;
using Stemma.Models.Falcon;
using Stemma.Models.Gemma;
using Stemma.Models.Gpt2;
using Stemma.Models.GptJ;
using Stemma.Models.GptNeo;
using Stemma.Models.GptNeoX;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Models.Mpt;
using Stemma.Models.NeuralNGram;
using Stemma.Models.Opt;
using Stemma.Models.Phi;
using Stemma.Models.Qwen2;
using Stemma.Models.Recurrent;
using Stemma.Models.StableLm;
using Stemma.Models.TinyLm;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Training;

namespace Stemma.Configuration;

/// <summary>A record of the configuration as its JSON metadata describes it: its fields, its kinds, what it holds by default.</summary>
internal sealed class Part
{
    // Source-generated readers do not see initialisers of init-only properties, so defaults come from instances.
    private static readonly object[] Instances =
    [
        new TrainingRun(), new DataConfig(),
        new Gpt2Config(), new ComposedConfig(), new TinyLmConfig(), new LlamaConfig(), new MistralConfig(), new MixtralConfig(), new Qwen2Config(), new GemmaConfig(), new Gemma2Config(), new PhiConfig(), new Phi3Config(), new StableLmConfig(), new GptNeoXConfig(), new GptJConfig(), new GptNeoConfig(), new OptConfig(), new BloomConfig(), new MptConfig(), new FalconConfig(),
        new NoRotaryScaling(), new LinearRotaryScaling(), new NtkRotaryScaling(), new DynamicRotaryScaling(), new YarnRotaryScaling(), new Llama3RotaryScaling(), new LongRotaryScaling(),
        new NoPositionsConfig(), new SinusoidalPositionsConfig(), new LearnedPositionsConfig(), new RotaryPositionsConfig(), new AlibiPositionsConfig(), new BucketPositionsConfig(),
        new FullPattern(), new LocalPattern(), new AlternatingPattern(), new StridedPattern(), new FixedPattern(), new LocalGlobalPattern(), new BigBirdPattern(),
        new SoftmaxAttentionConfig(), new LinearAttentionConfig(), new FavorAttentionConfig(), new LshAttentionConfig(), new LatentAttentionConfig(),
        new MlpConfig(), new GatedMlpConfig(), new MixtureOfExpertsConfig(),
        new NeuralNGramConfig(), new RnnConfig(), new GruConfig(), new LstmConfig(), new PeepholeLstmConfig(),
        new NoDropout(), new LayerDropout(), new VariationalDropout(),
        new BpeTokenizerConfig(), new CharacterTokenizerConfig(), new WordTokenizerConfig(), new UnigramTokenizerConfig(), new SentencePieceBpeTokenizerConfig(), new WordPieceTokenizerConfig(), new TokenizerFileConfig { Path = "" },
        new AdamWConfig(), new AdamConfig(), new SgdConfig(),
        new ConstantSchedule(), new LinearSchedule(), new CosineSchedule(), new ExponentialSchedule(), new InverseSquareRootSchedule(), new WarmupStableDecaySchedule(), new StepSchedule(),
    ];

    private readonly JsonTypeInfo _type;

    private Part(JsonTypeInfo type) => _type = type;

    /// <summary>The whole run.</summary>
    public static Part Root { get; } = new(StemmaJson.Default.TrainingRun);

    /// <summary>The type this part is declared as.</summary>
    public Type Type => _type.Type;

    /// <summary>Names of the kinds to choose from; empty for a part of one kind.</summary>
    public IReadOnlyList<string> Kinds => _type.PolymorphismOptions is { } family ? [.. family.DerivedTypes.Select(type => (string)type.TypeDiscriminator!)] : [];

    /// <summary>The fields, without the kind.</summary>
    public IEnumerable<JsonPropertyInfo> Fields => _type.Properties.Where(property => property.Get is not null);

    /// <summary>The name of the field that says which kind it is.</summary>
    public const string KindField = "kind";

    /// <summary>The part a field holds; null when it holds a value.</summary>
    public static Part? In(JsonPropertyInfo field)
    {
        var type = StemmaJson.Default.GetTypeInfo(field.PropertyType);
        return type is { Kind: JsonTypeInfoKind.Object } ? new(type) : null;
    }

    /// <summary>This part narrowed to a kind; null when there is none of that name.</summary>
    public Part? Of(string kind) =>
        _type.PolymorphismOptions?.DerivedTypes.Where(type => (string)type.TypeDiscriminator! == kind).Select(type => new Part(Info(type.DerivedType))).FirstOrDefault();

    /// <summary>The part that a JSON object is: the kind it names, or this one.</summary>
    public Part For(JsonObject node) => node[KindField] is JsonValue kind && Of(kind.GetValue<string>()) is { } narrowed ? narrowed : this;

    /// <summary>A field by its name in JSON.</summary>
    public JsonPropertyInfo? Field(string name) => Fields.FirstOrDefault(field => field.Name == name);

    /// <summary>The JSON of this part with nothing set; fields that must be given are absent.</summary>
    public JsonObject Defaults()
    {
        var instance = Instances.FirstOrDefault(instance => instance.GetType() == Type) ?? throw new InvalidOperationException($"{Type.Name} has no default instance in {nameof(Part)}.");
        var node = (JsonObject)JsonSerializer.SerializeToNode(instance, _type)!;
        foreach (var field in Fields.Where(field => field.IsRequired)) node.Remove(field.Name);
        return node;
    }

    private static JsonTypeInfo Info(Type type) => StemmaJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type.Name} has no JSON metadata.");
}
