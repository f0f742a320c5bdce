using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>
/// Before each step the state s_{t−1} looks at the source and reads c_t; the step takes the last token and c_t, the output s_t, c_t and
/// the last token. Bahdanau et al. 2014, arXiv:1409.0473, appendix A.2.2.
/// </summary>
/// <remarks>The output's maxout is a tanh here, and its recurrence the configured one. Targets walk side by side to the end of the longest; what lies beyond an end is thrown away.</remarks>
internal sealed class BahdanauDecoder(Seq2SeqConfig config, AttentionScoreConfig score, IWeights weights) : Decoder(config, weights, config.EmbeddingSize + config.HiddenSize)
{
    private readonly AttentionScore _score = score.Build(weights["score"], config.HiddenSize, config.HiddenSize);
    private readonly Linear _combine = weights.Linear("combine", 2 * config.HiddenSize + config.EmbeddingSize, config.HiddenSize, new Initializer.Xavier());

    public override SourceMemory Remember(Tensor rows, SequenceLayout layout) => new(rows, layout, _score);

    private protected override Decoded Decode(Tensor vectors, in Pass pass, IReadOnlyList<Tensor> states, SourceMemory? memory)
    {
        var (layout, count) = (pass.Layout, pass.Layout.Count);
        var (offsets, longest) = (layout.QueryOffsets.ToArray(), layout.LongestQuery);
        var top = StateParts.Count / Config.LayerCount * (Config.LayerCount - 1);    // the uppermost layer's hidden state
        var step = SequenceLayout.Batch(count, 1);
        var (outputs, contexts, looks, walked) = (new Tensor[longest], new Tensor[longest], new Tensor[longest], new IReadOnlyList<Tensor>[longest]);
        for (var t = 0; t < longest; t++)
        {
            int[] rows = [.. Enumerable.Range(0, count).Select(s => Math.Min(offsets[s] + t, layout.QueryCount - 1))];
            (contexts[t], looks[t]) = memory!.Read(states[top], step);
            (outputs[t], states) = Run(TensorOps.Concatenate(1, TimeSteps.Rows(vectors, rows), contexts[t]), pass with { Layout = step, Dropout = pass.Dropout?.Fork((ulong)t) }, states);
            walked[t] = states;
        }
        // Rows in the order of time, back to that of the targets.
        int[] places = [.. Enumerable.Range(0, count).SelectMany(s => Enumerable.Range(0, offsets[s + 1] - offsets[s]).Select(t => t * count + s))];
        int[] last = [.. Enumerable.Range(0, count).Select(s => (offsets[s + 1] - offsets[s] - 1) * count + s)];
        var (output, context) = (Rows(outputs, places), Rows(contexts, places));
        return new(
            _combine.Forward(TensorOps.Concatenate(1, output, context, vectors)).Tanh(),
            [.. StateParts.Select((_, part) => Rows([.. walked.Select(after => after[part])], last))], Rows(looks, places));
    }

    private static Tensor Rows(Tensor[] steps, int[] places) => TimeSteps.Rows(steps.Length == 1 ? steps[0] : TensorOps.Concatenate(0, steps), places);
}
