using Stemma.Evaluation.Metrics;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Encoders;

/// <summary>Tags of words, each said at the word's first token: accuracy, and the F-score of entities where tags are such.</summary>
internal sealed class TagTask(TokenClassifier model, EncoderTokens tokens, int maxTokens) : TuningTask
{
    private readonly bool _areEntities = AreEntities(model.Labels);

    public override TuningTaskKind Kind => TuningTaskKind.Tag;

    public override string MetricName => _areEntities ? "entity_f1" : "accuracy";

    public override EncoderTask Model => model;

    internal override IReadOnlyList<TuningExample> Read(string path) => [.. LabelledFiles.Tags(path).Select(sentence => Encode(sentence, path))];

    internal override Tensor Loss(IReadOnlyList<TuningExample> batch, RandomStream? dropout) => model.Loss(Tokens(batch), null, Ids([.. batch.SelectMany(example => example.Labels)]), PassOf(batch, dropout));

    internal override IReadOnlyList<(string Name, double Value)> Metrics(IReadOnlyList<TuningExample> examples, int batchSize)
    {
        var (said, right) = (new List<IReadOnlyList<string>>(), new List<IReadOnlyList<string>>());
        foreach (var chunk in examples.Chunk(batchSize))
        {
            using var scope = Memory.Scope();
            var rows = model.Logits(Tokens(chunk), null, PassOf(chunk, null)).ToArray<float>().Chunk(model.Labels.Count).ToArray();
            var at = 0;
            foreach (var example in chunk)
            {
                var tags = ((TaggedSentence)example.Source).Tags;
                string[] here = [.. example.Labels.Select((label, i) => (label, i)).Where(token => token.label != TensorOps.IgnoreIndex).Select(token => model.Labels[Largest(rows[at + token.i])])];
                // Words beyond the most tokens were not read; they count as the first tag, or as no entity.
                said.Add([.. here, .. Enumerable.Repeat(_areEntities ? "O" : model.Labels[0], tags.Count - here.Length)]);
                right.Add(tags);
                at += example.Tokens.Length;
            }
        }
        var accuracy = new Classification([.. said.SelectMany(tags => tags)], [.. right.SelectMany(tags => tags)]).Accuracy;
        if (!_areEntities) return [("accuracy", accuracy)];
        var overall = Entities.Score(said, right).Micro;
        return [("entity_f1", overall.F1), ("precision", overall.Precision), ("recall", overall.Recall), ("accuracy", accuracy)];
    }

    private static bool AreEntities(IReadOnlyList<string> labels) => labels.Contains("O") && labels.All(label => label == "O" || label.Length > 2 && label[1] == '-');

    private TuningExample Encode(TaggedSentence sentence, string path)
    {
        var (ids, labels) = (new List<int> { tokens.Begin }, new List<int> { TensorOps.IgnoreIndex });
        foreach (var (i, word) in sentence.Words.Index())
        {
            var label = LabelNames.Find(model.Labels, sentence.Tags[i]);
            if (label < 0) throw new ConfigurationException($"{path} has the tag {sentence.Tags[i]}, which the model does not know; it knows {string.Join(", ", model.Labels)}.");
            // As words stand in a text: all but the first after a blank.
            var pieces = tokens.Tokenizer.Encode(i == 0 ? word : " " + word);
            if (ids.Count + pieces.Length > maxTokens - 1) break;
            ids.AddRange(pieces);
            labels.AddRange(pieces.Select((_, piece) => piece == 0 ? label : TensorOps.IgnoreIndex));
        }
        return new([.. ids, tokens.Separator], null, [.. labels, TensorOps.IgnoreIndex], sentence);
    }
}
