using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>A step of a GPT.</summary>
internal sealed class Gpt2Step : TrainingStep
{
    private readonly Gpt2Model _model;
    private readonly SequenceLayout _layout;
    private readonly bool _checkpointing;

    public Gpt2Step(Gpt2Config config, int batch, Device device, bool checkpointing) : this(new Gpt2Model(config, new Weights(new InitialWeights(1337), device)), batch, device, checkpointing)
    {
    }

    private Gpt2Step(Gpt2Model model, int batch, Device device, bool checkpointing)
        : base(device, model.Config.VocabSize, batch * model.Config.ContextLength, new AdamWConfig().Build(model.Parameters)) =>
        (_model, _layout, _checkpointing) = (model, SequenceLayout.Batch(batch, model.Config.ContextLength), checkpointing);

    public override double Flops => _model.TrainingFlopsPerToken(_model.Config.ContextLength) * Tokens;

    protected override Tensor Loss(Tensor inputs, Tensor targets, RandomStream random) => _model.Loss(inputs, targets, new Pass(_layout, Dropout: random, Checkpointing: _checkpointing));
}
