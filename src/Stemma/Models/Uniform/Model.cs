namespace Stemma.Models.Uniform;

/// <summary>Every token is as likely as any other: what is known before anything is learned. Its bits per byte are what the tokenizer alone achieves.</summary>
/// <param name="vocabSize">Tokens, at least 1.</param>
public sealed class UniformModel(int vocabSize) : ILanguageModel
{
    /// <inheritdoc/>
    public int VocabSize { get; } = vocabSize > 0 ? vocabSize : throw new ArgumentOutOfRangeException(nameof(vocabSize), vocabSize, "A vocabulary has at least one token.");

    /// <summary>No limit: nothing is remembered.</summary>
    public int? ContextLength => null;

    /// <inheritdoc/>
    public ISequenceState Start() => new State();

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        var at = 0;
        foreach (var step in batch)
        {
            ((State)step.State).Length += step.Tokens.Length;
            var rows = step.Logits switch { Wanted.None => 0, Wanted.Last => 1, _ => step.Tokens.Length };
            logits.Slice(at, rows * VocabSize).Clear();
            at += rows * VocabSize;
        }
    }

    /// <inheritdoc/>
    public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        ((State)state).Length += tokens.Length;
        logProbabilities[..tokens.Length].Fill(-Math.Log(VocabSize));
    }

    private sealed class State : ISequenceState
    {
        public int Length { get; set; }

        public ISequenceState Fork() => new State { Length = Length };

        public bool TryTruncate(int length)
        {
            Length = Math.Min(Length, length);
            return true;
        }

        public void Dispose()
        {
        }
    }
}
