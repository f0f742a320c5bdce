using System.Text.Json.Serialization;
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

namespace Stemma.Models;

/// <summary>What makes a model: data only; a family of records, one per kind of model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Gpt2Config), "gpt2")]
[JsonDerivedType(typeof(ComposedConfig), "decoder")]
[JsonDerivedType(typeof(LlamaConfig), "llama")]
[JsonDerivedType(typeof(MistralConfig), "mistral")]
[JsonDerivedType(typeof(MixtralConfig), "mixtral")]
[JsonDerivedType(typeof(Qwen2Config), "qwen2")]
[JsonDerivedType(typeof(GemmaConfig), "gemma")]
[JsonDerivedType(typeof(Gemma2Config), "gemma2")]
[JsonDerivedType(typeof(PhiConfig), "phi")]
[JsonDerivedType(typeof(Phi3Config), "phi3")]
[JsonDerivedType(typeof(StableLmConfig), "stablelm")]
[JsonDerivedType(typeof(GptNeoXConfig), "gpt-neox")]
[JsonDerivedType(typeof(GptJConfig), "gpt-j")]
[JsonDerivedType(typeof(GptNeoConfig), "gpt-neo")]
[JsonDerivedType(typeof(OptConfig), "opt")]
[JsonDerivedType(typeof(BloomConfig), "bloom")]
[JsonDerivedType(typeof(MptConfig), "mpt")]
[JsonDerivedType(typeof(FalconConfig), "falcon")]
[JsonDerivedType(typeof(TinyLmConfig), "tiny-lm")]
[JsonDerivedType(typeof(NeuralNGramConfig), "neural-ngram")]
[JsonDerivedType(typeof(RnnConfig), "rnn")]
[JsonDerivedType(typeof(GruConfig), "gru")]
[JsonDerivedType(typeof(LstmConfig), "lstm")]
[JsonDerivedType(typeof(PeepholeLstmConfig), "peephole-lstm")]
public abstract record ModelConfig
{
    /// <summary>Tokens the model knows. 0 in a run's configuration means: as many as the tokenizer has.</summary>
    public int VocabSize { get; init; }

    /// <summary>The most tokens that one prediction can see; of a model that carries a state, the tokens of a training window.</summary>
    public int ContextLength { get; init; } = 1024;

    /// <summary>Throws when a field is out of range or contradicts another, naming it and the way out.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public abstract void Validate();

    /// <summary>Builds the model, its weights initialised or read as <paramref name="weights"/> decides.</summary>
    public abstract NeuralLanguageModel Build(Layers.IWeights weights);
}
