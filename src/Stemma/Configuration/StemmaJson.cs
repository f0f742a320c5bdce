using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Stemma.Ablations;
using Stemma.Curation;
using Stemma.Lineage;
using Stemma.Models;
using Stemma.Models.Bart;
using Stemma.Models.Checkpoints;
using Stemma.Models.DistilBert;
using Stemma.Models.Gpt2;
using Stemma.Models.Mixture;
using Stemma.Models.NGram;
using Stemma.Models.T5;
using Stemma.Reproductions;
using Stemma.Training;
using Stemma.Training.Encoders;
using Stemma.Training.Pairs;

namespace Stemma;

/// <summary>How records become JSON: snake_case names, unknown fields refused, no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowOutOfOrderMetadataProperties = true,
    UseStringEnumConverter = true,
    WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(TrainingRun))]
[JsonSerializable(typeof(Gpt2Config))]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(Gpt2ConfigFile))]
[JsonSerializable(typeof(ModelTypeFile))]
[JsonSerializable(typeof(NGramConfigFile))]
[JsonSerializable(typeof(MixtureConfigFile))]
[JsonSerializable(typeof(NGramRun))]
[JsonSerializable(typeof(WordVectorRun))]
[JsonSerializable(typeof(LineageRun))]
[JsonSerializable(typeof(AblationStudy))]
[JsonSerializable(typeof(AblationResult))]
[JsonSerializable(typeof(AblationRecord))]
[JsonSerializable(typeof(RungResult))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(OwnConfigFile))]
[JsonSerializable(typeof(PairRun))]
[JsonSerializable(typeof(ConditionalConfigFile))]
[JsonSerializable(typeof(ReproductionRecord))]
[JsonSerializable(typeof(EncoderConfigFile))]
[JsonSerializable(typeof(DistilBertConfigFile))]
[JsonSerializable(typeof(T5ConfigFile))]
[JsonSerializable(typeof(BartConfigFile))]
[JsonSerializable(typeof(PretrainRun))]
[JsonSerializable(typeof(TuningRun))]
[JsonSerializable(typeof(CurationRecipe))]
[JsonSerializable(typeof(CurationManifest))]
[JsonSerializable(typeof(CurationReport))]
[JsonSerializable(typeof(CurationTimings))]
[JsonSerializable(typeof(PartReport))]
[JsonSerializable(typeof(List<InputArtefact>))]
internal sealed partial class StemmaJson : JsonSerializerContext;
