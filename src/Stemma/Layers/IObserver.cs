using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Watches named values inside a model, and may replace them.</summary>
public interface IObserver
{
    /// <summary>Called at each site of each layer.</summary>
    /// <param name="site">What the value is.</param>
    /// <param name="layer">The block's number, from 0.</param>
    /// <param name="value">The value; its rows are the pass's.</param>
    /// <returns>The value to go on with, normally the same.</returns>
    Tensor Observe(Site site, int layer, Tensor value);
}

/// <summary>The places that can be observed.</summary>
public enum Site
{
    /// <summary>The residual stream before a block, [rows, hidden].</summary>
    ResidualPre,

    /// <summary>Queries, [rows, heads, head size].</summary>
    Queries,

    /// <summary>Keys, [rows, key heads, head size].</summary>
    Keys,

    /// <summary>Values, [rows, key heads, head size].</summary>
    Values,

    /// <summary>What each head read, [rows, heads, head size].</summary>
    HeadOutputs,

    /// <summary>What attention adds to the residual stream, [rows, hidden].</summary>
    AttentionOutput,

    /// <summary>The residual stream between attention and feed-forward, [rows, hidden].</summary>
    ResidualMid,

    /// <summary>The feed-forward layer before its activation, [rows, intermediate].</summary>
    MlpPre,

    /// <summary>The feed-forward layer after its activation, [rows, intermediate].</summary>
    MlpPost,

    /// <summary>What the feed-forward layer adds to the residual stream, [rows, hidden].</summary>
    MlpOutput,

    /// <summary>The residual stream after a block, [rows, hidden].</summary>
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

    /// <summary>How each row of a target looks at its one source, the mean over heads, [rows, source rows].</summary>
    SourcePattern,

    /// <summary>The hidden state after the step.</summary>
    HiddenState,

    /// <summary>A mixture's scores of its experts, [rows, experts].</summary>
    RouterLogits,
}
