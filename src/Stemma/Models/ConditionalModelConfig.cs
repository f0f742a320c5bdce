using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Models.Bart;
using Stemma.Models.Seq2Seq;
using Stemma.Models.T5;
using Stemma.Models.Transformer2017;

namespace Stemma.Models;

/// <summary>What makes an encoder–decoder: data only; a family of records, one per kind of model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Seq2SeqConfig), "seq2seq")]
[JsonDerivedType(typeof(Transformer2017Config), "transformer")]
[JsonDerivedType(typeof(T5Config), "t5")]
[JsonDerivedType(typeof(BartConfig), "bart")]
[JsonDerivedType(typeof(MBartConfig), "mbart")]
public abstract record ConditionalModelConfig
{
    /// <summary>Tokens of the source. 0 in a run's configuration means: as many as the tokenizer has, and one for the end.</summary>
    public int SourceVocabSize { get; init; }

    /// <summary>Tokens of the target. 0 in a run's configuration means: as many as the tokenizer has, and one for the end.</summary>
    public int TargetVocabSize { get; init; }

    /// <summary>Throws when a field is out of range or contradicts another, naming it and the way out.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public abstract void Validate();

    /// <summary>Builds the model, its weights initialised or read as <paramref name="weights"/> decides.</summary>
    public abstract ConditionalModel Build(IWeights weights);
}
