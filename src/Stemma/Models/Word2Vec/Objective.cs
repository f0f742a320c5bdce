using System.Text.Json.Serialization;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>In what way a word is predicted without a softmax over all of them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NegativeSampling), "negative_sampling")]
[JsonDerivedType(typeof(HierarchicalSoftmax), "hierarchical_softmax")]
public abstract record Objective
{
    /// <summary>The weights for a vocabulary.</summary>
    internal abstract OutputLayer Build(WordVocabulary vocabulary, int vectorSize);

    /// <summary>Throws when a setting is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a setting.</exception>
    internal abstract void Validate();
}
