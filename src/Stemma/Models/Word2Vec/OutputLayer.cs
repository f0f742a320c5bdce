using Stemma.Models.WordEmbeddings;

namespace Stemma.Models.Word2Vec;

/// <summary>What predicts a word from a hidden vector: yes-or-no questions, each a row of weights.</summary>
/// <param name="weights">A row a question, 0 at first.</param>
internal abstract class OutputLayer(RowMatrix weights) : IDisposable
{
    /// <summary>The questions.</summary>
    public RowMatrix Weights => weights;

    /// <summary>The most questions that one word asks.</summary>
    public abstract int MostRows { get; }

    /// <summary>The questions that a word asks, and their answers.</summary>
    /// <param name="word">The word to predict.</param>
    /// <param name="random">Draws what is drawn.</param>
    /// <param name="rows">Rows of <see cref="Weights"/>.</param>
    /// <param name="labels">1 for yes, 0 for no.</param>
    /// <returns>How many.</returns>
    public abstract int Ask(int word, RandomBits random, Span<int> rows, Span<float> labels);

    public void Dispose() => weights.Dispose();
}
