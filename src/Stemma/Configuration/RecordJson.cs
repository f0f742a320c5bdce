using System.Text.Json.Serialization;
using Stemma.Training;

namespace Stemma;

/// <summary>Records as lines: snake_case names, one line each.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StepRecord))]
[JsonSerializable(typeof(EvaluationRecord))]
[JsonSerializable(typeof(MetricRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
