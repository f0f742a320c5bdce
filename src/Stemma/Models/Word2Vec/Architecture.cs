using System.Text.Json.Serialization;

namespace Stemma.Models.Word2Vec;

/// <summary>What is predicted from what. Mikolov, Chen, Corrado and Dean 2013, "Efficient Estimation of Word Representations in Vector Space", arXiv:1301.3781.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SkipGram), "skip_gram")]
[JsonDerivedType(typeof(Cbow), "cbow")]
public abstract record Architecture
{
    /// <summary>The learning rate that the original starts with.</summary>
    public abstract double UsualLearningRate { get; }

    /// <summary>Learns the words around one place of a sentence.</summary>
    /// <param name="learner">Who learns.</param>
    /// <param name="sentence">Ids of words.</param>
    /// <param name="place">The middle of the window.</param>
    /// <param name="window">Words to either side.</param>
    internal abstract void Learn(Learner learner, ReadOnlySpan<int> sentence, int place, int window);
}

/// <summary>Each word around predicts the word in the middle, one by one.</summary>
/// <remarks>The paper says it the other way round; over a text both have the same pairs, and the original's code does it so.</remarks>
public sealed record SkipGram : Architecture
{
    /// <inheritdoc/>
    public override double UsualLearningRate => 0.025;

    /// <inheritdoc/>
    public override string ToString() => "skip-gram";

    internal override unsafe void Learn(Learner learner, ReadOnlySpan<int> sentence, int place, int window)
    {
        var end = Math.Min(sentence.Length, place + window + 1);
        for (var i = Math.Max(0, place - window); i < end; i++)
        {
            if (i == place) continue;
            var input = learner.Input.Row(sentence[i]);
            learner.Predict(input, sentence[place]);
            LogisticRows.Add(input, learner.Error, learner.Input.VectorCount);
        }
    }
}

/// <summary>The mean of the words around predicts the word in the middle.</summary>
/// <remarks>As in the original, each word around moves by the mean's whole step, not by its share of it.</remarks>
public sealed record Cbow : Architecture
{
    /// <inheritdoc/>
    public override double UsualLearningRate => 0.05;

    /// <inheritdoc/>
    public override string ToString() => "CBOW";

    internal override unsafe void Learn(Learner learner, ReadOnlySpan<int> sentence, int place, int window)
    {
        var (start, end, vectors) = (Math.Max(0, place - window), Math.Min(sentence.Length, place + window + 1), learner.Input.VectorCount);
        if (end - start < 2) return;
        var mean = learner.Hidden;
        new Span<float>(mean, vectors * 8).Clear();
        for (var i = start; i < end; i++)
            if (i != place) LogisticRows.Add(mean, learner.Input.Row(sentence[i]), vectors);
        LogisticRows.Scale(mean, 1f / (end - start - 1), vectors);
        learner.Predict(mean, sentence[place]);
        for (var i = start; i < end; i++)
            if (i != place) LogisticRows.Add(learner.Input.Row(sentence[i]), learner.Error, vectors);
    }
}
