using Stemma.Layers;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;

namespace Stemma.Models.Composed;

/// <summary>The published family that has exactly the parts of a composed decoder, and so a format that other libraries open.</summary>
internal static class PublishedFamily
{
    /// <summary>The family's configuration with the same weights; null where no family has these parts together.</summary>
    public static DecoderConfig? Of(ComposedConfig config)
    {
        if (config.Positions is not RotaryPositionsConfig rotary) return null;
        // All parts that a choice below says nothing of must be as they are when nothing is chosen.
        var plain = Sized(new ComposedConfig { KvHeadCount = config.KvHeadCount, Positions = rotary });
        if (config == plain with { FeedForward = config.FeedForward, Bias = config.Bias } && config.FeedForward is GatedMlpConfig gated)
            return Rotary(new LlamaConfig { Activation = gated.Activation, AttentionBias = config.Bias, FeedForwardBias = config.Bias });
        if (rotary.Scaling is not NoRotaryScaling) return null;
        if (config == plain with { FeedForward = config.FeedForward, Pattern = config.Pattern } && config.FeedForward is GatedMlpConfig local && config.Pattern is LocalPattern pattern)
            return Rotary(new MistralConfig { Activation = local.Activation, Window = pattern.Window });
        if (config == plain with { FeedForward = config.FeedForward } && config.FeedForward is MixtureOfExpertsConfig { CapacityFactor: 0, SharedExpertCount: 0 } experts)
        {
            return Rotary(new MixtralConfig
            {
                Activation = experts.Activation,
                ExpertCount = experts.ExpertCount,
                TopExpertCount = experts.TopExpertCount,
                LoadLossWeight = experts.LoadLossWeight,
                LogitLossWeight = experts.LogitLossWeight,
            });
        }
        return null;

        T Rotary<T>(T family) where T : RotaryDecoderConfig => Sized(family) with { KvHeadCount = config.KvHeadCount, RotaryTheta = rotary.Theta, RotaryScaling = rotary.Scaling };

        T Sized<T>(T decoder) where T : DecoderConfig => decoder with
        {
            VocabSize = config.VocabSize,
            ContextLength = config.ContextLength,
            LayerCount = config.LayerCount,
            HeadCount = config.HeadCount,
            HiddenSize = config.HiddenSize,
            IntermediateSize = config.IntermediateSize,
            Dropout = config.Dropout,
            AttentionDropout = config.AttentionDropout,
            EmbeddingDropout = config.EmbeddingDropout,
            NormEpsilon = config.NormEpsilon,
            InitializerRange = config.InitializerRange,
            TiesEmbeddings = config.TiesEmbeddings,
        };
    }
}
