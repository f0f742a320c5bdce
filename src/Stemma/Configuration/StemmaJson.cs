using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Models.Gpt2;
using Stemma.Training;

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
[JsonSerializable(typeof(RunConfig))]
[JsonSerializable(typeof(Gpt2Config))]
internal sealed partial class StemmaJson : JsonSerializerContext;
