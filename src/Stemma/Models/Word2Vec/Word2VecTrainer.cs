using System.Text.Json.Serialization;

namespace Stemma.Models.Word2Vec;

/// <summary>Who goes over the text.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SequentialTrainer), "sequential")]
[JsonDerivedType(typeof(HogwildTrainer), "hogwild")]
public abstract record Word2VecTrainer
{
    /// <summary>Learns from a text.</summary>
    /// <param name="tokens">Sentences.</param>
    /// <param name="create">Makes the learner of a stretch.</param>
    /// <param name="pace">What all learners share.</param>
    /// <param name="cancellation">Stops it.</param>
    internal abstract void Run(ReadOnlyMemory<int> tokens, Func<int, Learner> create, Pace pace, CancellationToken cancellation);

    /// <summary>Throws when a setting is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a setting.</exception>
    internal virtual void Validate()
    {
    }
}

/// <summary>One thread, from the first word to the last: the same seed gives the same bits.</summary>
public sealed record SequentialTrainer : Word2VecTrainer
{
    internal override void Run(ReadOnlyMemory<int> tokens, Func<int, Learner> create, Pace pace, CancellationToken cancellation)
    {
        using var learner = create(0);
        learner.Run(tokens.Span, pace, cancellation);
    }
}
