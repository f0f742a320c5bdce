using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>A step of a character LSTM: embedding 128, 2 × 512 units, 32 sequences of 128, vocabulary 65.</summary>
internal sealed class LstmStep : TrainingStep
{
    private const int VocabSize = 65, EmbeddingSize = 128, HiddenSize = 512, BatchSize = 32, Length = 128;
    private readonly SequenceLayout _layout = SequenceLayout.Batch(BatchSize, Length);
    private readonly Parts _parts;

    public LstmStep(Device device) : this(new Weights(new InitialWeights(1337), device), device)
    {
    }

    private LstmStep(Weights weights, Device device) : this(new Parts(weights), weights, device)
    {
    }

    private LstmStep(Parts parts, Weights weights, Device device) : base(device, VocabSize, BatchSize * Length, new AdamWConfig().Build(weights.All)) => _parts = parts;

    /// <summary>Two operations for each weight and row forwards, four backwards.</summary>
    public override double Flops => 6.0 * Tokens * (4 * HiddenSize * (EmbeddingSize + 3.0 * HiddenSize) + HiddenSize * VocabSize);

    protected override Tensor Loss(Tensor inputs, Tensor targets, RandomStream random)
    {
        var (hidden, _) = _parts.Lstm.Forward(_parts.Embedding.Forward(inputs), _layout);
        return _parts.Output.Forward(hidden).CrossEntropy(targets);
    }

    private sealed class Parts(Weights weights)
    {
        public Embedding Embedding { get; } = new(weights["tokens"], VocabSize, EmbeddingSize, new Initializer.Normal(1));

        public Lstm Lstm { get; } = new(weights["lstm"], EmbeddingSize, HiddenSize, 2);

        public Linear Output { get; } = weights.Linear("out", HiddenSize, VocabSize, new Initializer.Uniform(1 / Math.Sqrt(HiddenSize)));
    }
}
