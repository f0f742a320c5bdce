using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>What a block of an encoder reads first: the vectors of a token, of its position and of its part of the text, added and normalised. Devlin et al. 2018, arXiv:1810.04805, figure 2.</summary>
internal sealed class EncoderEmbeddings
{
    private readonly EncoderConfig _config;
    private readonly Embedding _tokens, _positions;
    private readonly Embedding? _types;
    private readonly LayerNorm _norm;
    private readonly double _epsilon;

    /// <param name="config">Sizes of the family.</param>
    /// <param name="weights">Its scope.</param>
    /// <param name="size">Channels.</param>
    /// <param name="positionCount">Positions that have a vector.</param>
    /// <param name="typeCount">Parts that a text may have; 0 where the family tells none apart.</param>
    /// <param name="epsilon">ε of the norm.</param>
    public EncoderEmbeddings(EncoderConfig config, IWeights weights, int size, int positionCount, int typeCount, double epsilon)
    {
        _config = config;
        _epsilon = epsilon;
        _tokens = new(weights["word_embeddings"], config.VocabSize, size, config.Normal);
        _positions = new(weights["position_embeddings"], positionCount, size, config.Normal);
        _types = typeCount > 0 ? new(weights["token_type_embeddings"], typeCount, size, config.Normal) : null;
        _norm = new(weights["LayerNorm"], size, _epsilon);
    }

    /// <summary>[vocabulary, size].</summary>
    public Parameter Tokens => _tokens.Weight;

    /// <summary>Where positions begin: one after the padding token's id in RoBERTa, whose tokens of that id keep it as their position.</summary>
    public bool PositionsFollowPadding { get; init; }

    /// <summary>[rows, size].</summary>
    public Tensor Forward(Tensor tokens, Tensor? types, in Pass pass)
    {
        if (types is not null && _types is null) throw new ArgumentException($"{_config.ClassName} does not tell parts of a text apart; leave the types out.", nameof(types));
        var positions = PositionsFollowPadding ? AfterPadding(tokens.Span<int>(), pass.Layout) : pass.Positions().ToArray();
        foreach (var position in positions)
        {
            if (position >= _positions.Weight.Shape[0])
                throw new ArgumentException($"A text of this length has no position {position}: this model's texts hold at most {_config.ContextLength} tokens, because its positions are learned.", nameof(tokens));
        }
        using var scope = Memory.Scope();
        var x = _tokens.Forward(tokens) + _positions.Forward(Tensor.From(positions, [positions.Length], tokens.Device));
        if (_types is not null) x += types is null ? _types.Weight.Value.Slice(0, 0, 1) : _types.Forward(types);
        return scope.Keep(pass.Drop(_norm.ForResidual(x), _config.Dropout, DropoutPlace.Of(_config.LayerCount, DropoutPlace.Embedding)));
    }

    private int[] AfterPadding(ReadOnlySpan<int> tokens, SequenceLayout layout)
    {
        var positions = new int[tokens.Length];
        for (var s = 0; s < layout.Count; s++)
        {
            var seen = 0;
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
                positions[row] = _config.PadToken + (tokens[row] == _config.PadToken ? 0 : ++seen);
        }
        return positions;
    }
}
