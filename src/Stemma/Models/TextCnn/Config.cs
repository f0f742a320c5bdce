namespace Stemma.Models.TextCnn;

/// <summary>The sizes of a convolutional classifier of sentences; the defaults are Kim's (2014, arXiv:1408.5882, section 3.1).</summary>
public sealed record TextCnnConfig
{
    /// <summary>Words it knows; ids run from 0.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Classes to choose from.</summary>
    public required int ClassCount { get; init; }

    /// <summary>Channels of a word's vector.</summary>
    public int EmbeddingSize { get; init; } = 300;

    /// <summary>Words that a feature sees, one width after the other.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [3, 4, 5];

    /// <summary>Features of each width.</summary>
    public int FeatureCount { get; init; } = 100;

    /// <summary>Probability with which a feature of a sentence is dropped while training.</summary>
    public double Dropout { get; init; } = 0.5;
}
