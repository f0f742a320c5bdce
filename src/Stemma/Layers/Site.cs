namespace Stemma.Layers;

/// <summary>The places that can be observed. In brackets, the name that TransformerLens (Nanda &amp; Bloom 2022) has for the same place.</summary>
public enum Site
{
    /// <summary>The residual stream before a block, [rows, hidden] (resid_pre).</summary>
    ResidualPre,

    /// <summary>Queries as they meet keys, turned and normalised, [rows, heads, head size] (q).</summary>
    Queries,

    /// <summary>Keys as they are met, [rows, key heads, head size] (k).</summary>
    Keys,

    /// <summary>Values, [rows, key heads, head size] (v).</summary>
    Values,

    /// <summary>Scores before the softmax, [rows, heads, keys of the longest sequence], −10³⁰ where a query does not see a key (attn_scores). Made only where it is watched.</summary>
    Scores,

    /// <summary>Attention's weights, [rows, heads, keys of the longest sequence], 0 where a query does not see a key (pattern). Made only where it is watched.</summary>
    Pattern,

    /// <summary>What each head read, [rows, heads, head size] (z).</summary>
    HeadOutputs,

    /// <summary>What each head adds to the residual stream, [rows, heads, hidden]: with the projection's bias they sum to <see cref="AttentionOutput"/> (result). Made only where it is watched.</summary>
    HeadResults,

    /// <summary>What attention adds to the residual stream, [rows, hidden] (attn_out).</summary>
    AttentionOutput,

    /// <summary>The residual stream after attention to the text itself, [rows, hidden] (resid_mid).</summary>
    ResidualMid,

    /// <summary>The feed-forward layer before its activation, [rows, intermediate]; of a mixture, expert by expert, the rows that each was sent (mlp pre).</summary>
    MlpPre,

    /// <summary>The feed-forward layer after its activation, and with a gate after the product, [rows, intermediate]; of a mixture as <see cref="MlpPre"/> (mlp post).</summary>
    MlpPost,

    /// <summary>What the feed-forward layer adds to the residual stream, [rows, hidden] (mlp_out).</summary>
    MlpOutput,

    /// <summary>The residual stream after a block, [rows, hidden] (resid_post).</summary>
    ResidualPost,

    /// <summary>An LSTM's input gate, in (0, 1). Of recurrent layers each site is called once per time step, with [sequences, hidden] of the sequences that have not ended.</summary>
    InputGate,

    /// <summary>An LSTM's forget gate: 1 keeps the cell, 0 clears it.</summary>
    ForgetGate,

    /// <summary>What an LSTM would write into its cell, or a GRU into its state, in (−1, 1).</summary>
    Candidate,

    /// <summary>An LSTM's output gate, in (0, 1).</summary>
    OutputGate,

    /// <summary>A GRU's reset gate: 0 lets the candidate forget the state.</summary>
    ResetGate,

    /// <summary>A GRU's update gate: 1 keeps the state.</summary>
    UpdateGate,

    /// <summary>An LSTM's cell after the step.</summary>
    Cell,

    /// <summary>The hidden state after the step.</summary>
    HiddenState,

    /// <summary>A mixture's scores of its experts, [rows, experts].</summary>
    RouterLogits,

    /// <summary>How much a row takes of each expert, [rows, experts], 0 of those it was not sent to (expert_weights).</summary>
    ExpertShares,

    /// <summary>What each expert adds, its share applied, [rows, experts, hidden]: they sum to what the mixture gives. Made only where it is watched.</summary>
    ExpertResults,

    /// <summary>Queries to a source, [rows, heads, head size].</summary>
    SourceQueries,

    /// <summary>A source's keys, [source rows, heads, head size].</summary>
    SourceKeys,

    /// <summary>A source's values, [source rows, heads, head size].</summary>
    SourceValues,

    /// <summary>Scores of a source's rows before the softmax, [rows, heads, rows of the longest source]. Made only where it is watched.</summary>
    SourceScores,

    /// <summary>How each row of a target looks at its source, [rows, heads, rows of the longest source]. Made only where it is watched.</summary>
    SourcePattern,

    /// <summary>What each head read of a source, [rows, heads, head size].</summary>
    SourceHeadOutputs,

    /// <summary>What each head adds to the residual stream from a source, [rows, heads, hidden]. Made only where it is watched.</summary>
    SourceHeadResults,

    /// <summary>What attention to a source adds to the residual stream, [rows, hidden].</summary>
    SourceOutput,

    /// <summary>The residual stream after attention to a source, [rows, hidden] (resid_mid_cross).</summary>
    ResidualMidSource,
}
