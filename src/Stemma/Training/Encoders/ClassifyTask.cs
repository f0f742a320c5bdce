using Stemma.Evaluation.Metrics;
using Stemma.Models.Heads;
using Stemma.Numerics;

namespace Stemma.Training.Encoders;

/// <summary>Classes of texts: accuracy, F1.</summary>
internal sealed class ClassifyTask(SequenceClassifier model, EncoderTokens tokens, int maxTokens) : TuningTask
{
    public override TuningTaskKind Kind => TuningTaskKind.Classify;

    public override string MetricName => "accuracy";

    public override EncoderTask Model => model;

    internal override IReadOnlyList<TuningExample> Read(string path) => [.. LabelledFiles.Classes(path).Select(text =>
    {
        var label = LabelNames.Find(model.Labels, text.Label);
        if (label < 0) throw new ConfigurationException($"{path} has the label {text.Label}, which the model does not know; it knows {string.Join(", ", model.Labels)}.");
        int[] pieces = [.. tokens.Tokenizer.Encode(text.Text).Take(maxTokens - 2)];
        return new TuningExample([tokens.Begin, .. pieces, tokens.Separator], null, [label], text);
    })];

    internal override Tensor Loss(IReadOnlyList<TuningExample> batch, RandomStream? dropout) => model.Loss(Tokens(batch), null, Ids([.. batch.Select(example => example.Labels[0])]), PassOf(batch, dropout));

    internal override IReadOnlyList<(string Name, double Value)> Metrics(IReadOnlyList<TuningExample> examples, int batchSize)
    {
        var said = new List<string>();
        foreach (var chunk in examples.Chunk(batchSize))
        {
            using var scope = Memory.Scope();
            said.AddRange(model.Logits(Tokens(chunk), null, PassOf(chunk, null)).ToArray<float>().Chunk(model.Labels.Count).Select(row => model.Labels[Largest(row)]));
        }
        var classification = new Classification(said, [.. examples.Select(example => ((LabelledText)example.Source).Label)]);
        return [("accuracy", classification.Accuracy), ("macro_f1", classification.MacroF1)];
    }
}
