namespace Stemma;

/// <summary>Which rows of a step want logits.</summary>
public enum Wanted
{
    /// <summary>None: the tokens only extend the state.</summary>
    None,

    /// <summary>The last token's: what comes next.</summary>
    Last,

    /// <summary>Every token's: scoring.</summary>
    All,
}

/// <summary>
/// What every language model answers, a bigram table as much as a mixture of experts: given the tokens so far, what is the
/// distribution of the next? Generation, evaluation and the server are written once, against this.
/// </summary>
public interface ILanguageModel
{
    /// <summary>The number of tokens it knows; ids run from 0.</summary>
    int VocabSize { get; }

    /// <summary>The most tokens a state can hold; null when there is no limit.</summary>
    int? ContextLength { get; }

    /// <summary>A state that has seen nothing.</summary>
    ISequenceState Start();

    /// <summary>Extends every state by its tokens and computes the logits that are wanted.</summary>
    /// <param name="batch">Steps of different states of this model.</param>
    /// <param name="logits">Receives [wanted rows, vocab] in the order of the batch: unnormalised log-probabilities.</param>
    void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits);

    /// <summary>The log-probability of each token given the state and the tokens before it, in nats; extends the state by all of them.</summary>
    /// <param name="state">A state that has seen at least one token, unless the model starts from nothing.</param>
    /// <param name="tokens">What follows.</param>
    /// <param name="logProbabilities">Receives one number per token.</param>
    void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities);
}

/// <summary>One state's part of a batch.</summary>
/// <param name="State">Extended by the tokens.</param>
/// <param name="Tokens">One or more.</param>
/// <param name="Logits">Which rows of logits to return.</param>
public readonly record struct SequenceStep(ISequenceState State, ReadOnlyMemory<int> Tokens, Wanted Logits);

/// <summary>What a model remembers of one sequence: an n-gram's last words, a hidden state, a cache of keys and values.</summary>
public interface ISequenceState : IDisposable
{
    /// <summary>Tokens seen.</summary>
    int Length { get; }

    /// <summary>A second state that has seen the same and goes its own way.</summary>
    ISequenceState Fork();

    /// <summary>Forgets what came after the first <paramref name="length"/> tokens; false where the model cannot go back.</summary>
    bool TryTruncate(int length);
}
