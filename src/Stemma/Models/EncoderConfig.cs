using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Models.Albert;
using Stemma.Models.Bert;
using Stemma.Models.Checkpoints;
using Stemma.Models.DistilBert;
using Stemma.Models.Electra;
using Stemma.Models.Heads;
using Stemma.Models.Roberta;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>What makes an encoder and the heads that its family puts on it: data only; a record per family.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BertConfig), "bert")]
[JsonDerivedType(typeof(RobertaConfig), "roberta")]
[JsonDerivedType(typeof(DistilBertConfig), "distilbert")]
[JsonDerivedType(typeof(AlbertConfig), "albert")]
[JsonDerivedType(typeof(ElectraConfig), "electra")]
public abstract record EncoderConfig
{
    /// <summary>Tokens the model knows.</summary>
    public int VocabSize { get; init; }

    /// <summary>The most tokens of a text: its positions are learned.</summary>
    public int ContextLength { get; init; } = 512;

    /// <summary>Blocks.</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Attention heads per block; divides <see cref="HiddenSize"/>.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>Channels.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Channels inside the feed-forward layer.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>The function inside the feed-forward layer, as Hugging Face names it: gelu, gelu_new, relu, silu.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Probability with which an embedding or what is added to the stream is dropped while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Probability with which an attention weight is dropped while training.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Probability with which an input of a classifier is dropped; <see cref="Dropout"/> when null.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>ε of LayerNorm.</summary>
    public double NormEpsilon { get; init; } = 1e-12;

    /// <summary>Standard deviation of the initial weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The token that fills up a batch elsewhere; here no batch is filled up.</summary>
    public int PadToken { get; init; }

    /// <summary>Whether the output projection of masked prediction is the table of the tokens' vectors.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>The name before all weights of the encoder, which is also its <c>model_type</c>.</summary>
    internal abstract string Family { get; }

    /// <summary>How Hugging Face's classes of the family begin.</summary>
    internal abstract string ClassName { get; }

    /// <summary>Names that a file may hold for reasons of their own, whatever is loaded: tied copies, buffers, heads of other tasks.</summary>
    internal abstract IReadOnlyList<string> OtherTensors { get; }

    internal Initializer Normal => new Initializer.Normal(InitializerRange);

    internal Activation Function => ActivationName.Find(Activation)!.Value.Function();

    internal double HeadDropout => ClassifierDropout ?? Dropout;

    /// <summary>Before the labels of tokens.</summary>
    internal virtual double TokenDropout => HeadDropout;

    /// <summary>Before the ends of answers.</summary>
    internal virtual double AnswerHeadDropout => 0;

    /// <summary>Throws when a field is out of range or contradicts another, naming it and the way out.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(IntermediateSize, "model.intermediate_size");
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
        if (ActivationName.Find(Activation) is null) throw new ConfigurationException($"model.activation is {Activation}; known are {ActivationName.Known}.");
        Check.Probability(Dropout, "model.dropout");
        Check.Probability(AttentionDropout, "model.attention_dropout");
        Check.Probability(HeadDropout, "model.classifier_dropout");
        if (!(NormEpsilon > 0)) throw new ConfigurationException($"model.norm_epsilon is {NormEpsilon}; it must be positive.");
        Check.NotNegative(InitializerRange, "model.initializer_range");
    }

    /// <summary>Builds the encoder, its weights initialised or read as <paramref name="weights"/> decides.</summary>
    public abstract EncoderModel Build(IWeights weights);

    /// <summary>Builds what predicts tokens from the encoder's rows.</summary>
    internal abstract MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights);

    /// <summary>Builds what classifies a text by its first row.</summary>
    internal abstract SentenceHead BuildSentenceHead(IWeights weights, int labels);

    /// <summary>Builds what tells whether the second part of a text followed the first.</summary>
    /// <exception cref="ConfigurationException">The family has no such head.</exception>
    internal virtual SentenceHead BuildPairHead(IWeights weights) =>
        throw new ConfigurationException($"{ClassName} is not trained to tell whether a text follows another; BERT and ALBERT are.");
}
