using System.Text.Json.Serialization;
using Stemma.Models.GloVe;
using Stemma.Models.Ppmi;
using Stemma.Models.Word2Vec;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.WordEmbeddings;

/// <summary>How vectors of words are made from a text.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Word2VecConfig), "word2vec")]
[JsonDerivedType(typeof(GloVeConfig), "glove")]
[JsonDerivedType(typeof(PpmiConfig), "ppmi")]
public abstract record WordVectorConfig
{
    /// <summary>Numbers of a vector.</summary>
    public int VectorSize { get; init; } = 100;

    /// <summary>Words to either side that count as near.</summary>
    public int Window { get; init; } = 5;

    /// <summary>Makes the vectors.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="seed">Decides what is drawn.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>A vector for each word of the corpus, in its order.</returns>
    /// <exception cref="ConfigurationException">A setting is out of range, or the text too large for it.</exception>
    public WordVectors Train(WordCorpus corpus, ulong seed = 1337, IProgress<WordVectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        Validate();
        if ((long)corpus.Vocabulary.Count * VectorSize > WordVectors.MostNumbers)
            throw new ConfigurationException($"{corpus.Vocabulary.Count:N0} words of {VectorSize} numbers are more than {WordVectors.MostNumbers:N0}; choose smaller vectors, or leave out more rare words.");
        return Learn(corpus, seed, progress, cancellation);
    }

    /// <summary>Throws when a setting is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a setting; the message names it.</exception>
    public virtual void Validate()
    {
        if (VectorSize is < 1 or > 10_000) throw new ConfigurationException($"The vector size is {VectorSize}; it is from 1 to 10,000.");
        if (Window is < 1 or > 1000) throw new ConfigurationException($"The window is {Window}; it is from 1 to 1000.");
    }

    /// <summary>Makes the vectors; the settings are in range.</summary>
    private protected abstract WordVectors Learn(WordCorpus corpus, ulong seed, IProgress<WordVectorProgress>? progress, CancellationToken cancellation);
}

/// <summary>How far vectors of words are.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done.</param>
/// <param name="WordsPerSecond">Words of the text gone over in a second, those left out included; not a number where none are.</param>
public readonly record struct WordVectorProgress(string Stage, double Fraction, double WordsPerSecond);
