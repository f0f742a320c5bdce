using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma;

/// <summary>What reads a whole text at once: a vector for each token that depends on what stands on either side of it.</summary>
public interface IEncoder
{
    /// <summary>The number of tokens it knows; ids run from 0.</summary>
    int VocabSize { get; }

    /// <summary>The most tokens of a text; null when there is no limit.</summary>
    int? ContextLength { get; }

    /// <summary>Channels of a token's vector.</summary>
    int HiddenSize { get; }

    /// <summary>Reads texts.</summary>
    /// <param name="tokens">int32 [rows], text after text; padding has no rows.</param>
    /// <param name="types">int32 [rows]: which part of its text each token belongs to; all to the first when null.</param>
    /// <param name="pass">Where texts begin and end; dropout; observers.</param>
    /// <returns>[rows, hidden].</returns>
    Tensor Encode(Tensor tokens, Tensor? types, in Pass pass);
}
