using System.Runtime.InteropServices;
using Stemma.Numerics;

namespace Stemma.Generation;

/// <summary>The autoregressive loop: predict, choose, append.</summary>
public static class Generator
{
    /// <summary>Continues a prompt, token after token, without end; the caller stops.</summary>
    /// <remarks>
    /// When the model's context is full, the first half of it is forgotten and the rest read again, so that a continuation may be
    /// longer than the context.
    /// </remarks>
    /// <param name="model">Any language model.</param>
    /// <param name="prompt">At least one token; the last context length of them count.</param>
    /// <param name="sampler">Chooses tokens.</param>
    /// <param name="random">Where the draws come from.</param>
    /// <param name="tokenCount">Only ids below this are chosen (a vocabulary may be padded); all of the model's when null.</param>
    public static IEnumerable<int> Continue(ILanguageModel model, IReadOnlyList<int> prompt, Sampler sampler, RandomStream random, int? tokenCount = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(sampler);
        if (prompt.Count == 0) throw new ArgumentException("A continuation needs at least one token to start from.", nameof(prompt));
        return Loop(model, [.. prompt], sampler, random, Math.Min(tokenCount ?? model.VocabSize, model.VocabSize));
    }

    private static IEnumerable<int> Loop(ILanguageModel model, List<int> tokens, Sampler sampler, RandomStream random, int tokenCount)
    {
        var state = model.Start();
        var logits = new float[model.VocabSize];
        var context = model.ContextLength ?? int.MaxValue;
        var next = tokens.Count > context ? tokens[^context..] : tokens[..];
        try
        {
            for (var position = 0L; ; position++)
            {
                if (state.Length + next.Count > context)
                {
                    state.Dispose();
                    state = model.Start();
                    next = tokens[^Math.Max(1, context / 2)..];
                }
                model.Advance([new(state, next.ToArray(), Wanted.Last)], logits);
                var token = sampler.Sample(logits.AsSpan(0, tokenCount), CollectionsMarshal.AsSpan(tokens), random, position);
                tokens.Add(token);
                next = [token];
                yield return token;
            }
        }
        finally
        {
            state.Dispose();
        }
    }
}
