using Stemma.Models.Bloom;
using Stemma.Models.Falcon;
using Stemma.Models.Gemma;
using Stemma.Models.GptJ;
using Stemma.Models.GptNeo;
using Stemma.Models.GptNeoX;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Models.Mpt;
using Stemma.Models.Opt;
using Stemma.Models.Phi;
using Stemma.Models.Qwen2;
using Stemma.Models.StableLm;

namespace Stemma.Models.Checkpoints;

/// <summary>The families of decoders that are assembled from parts, by <c>model_type</c> and by configuration.</summary>
internal static class HuggingFaceFamilies
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<HuggingFaceFamily> All { get; } =
    [
        new LlamaFamily(), new MistralFamily(), new MixtralFamily(), new Qwen2Family(), new GemmaFamily(), new Gemma2Family(), new PhiFamily(), new Phi3Family(), new StableLmFamily(),
        new GptNeoXFamily(), new GptJFamily(), new GptNeoFamily(), new OptFamily(), new BloomFamily(), new MptFamily(), new FalconFamily(),
    ];

    /// <summary>The family of a <c>model_type</c>; null where there is none.</summary>
    public static HuggingFaceFamily? Named(string modelType) => All.FirstOrDefault(family => family.ModelType == modelType);

    /// <summary>The family of a configuration; null where it has no format elsewhere.</summary>
    public static HuggingFaceFamily? Of(ModelConfig config) => All.FirstOrDefault(family => family.ConfigType == config.GetType());
}
