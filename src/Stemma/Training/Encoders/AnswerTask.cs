using Stemma.Evaluation.Metrics;
using Stemma.Models.Heads;
using Stemma.Numerics;

namespace Stemma.Training.Encoders;

/// <summary>Answers that stand in texts: exact match and F1 as SQuAD counts them. A text too long is cut around the answer while training, and read in overlapping windows when measured.</summary>
internal sealed class AnswerTask(SpanExtractor model, EncoderTokens tokens, int maxTokens) : TuningTask
{
    private const int MostAnswerTokens = 30;

    public override TuningTaskKind Kind => TuningTaskKind.Qa;

    public override string MetricName => "f1";

    public override EncoderTask Model => model;

    internal override IReadOnlyList<TuningExample> Read(string path) => [.. LabelledFiles.Questions(path).Select(question => Windows(question).First(window => window.Labels[0] >= 0))];

    internal override Tensor Loss(IReadOnlyList<TuningExample> batch, RandomStream? dropout) =>
        model.Loss(Tokens(batch), Types(batch), [.. batch.Select(example => example.Labels[0])], [.. batch.Select(example => example.Labels[1])], PassOf(batch, dropout));

    internal override IReadOnlyList<(string Name, double Value)> Metrics(IReadOnlyList<TuningExample> examples, int batchSize)
    {
        var (exact, f1) = (0.0, 0.0);
        foreach (var example in examples)
        {
            var question = (TextQuestion)example.Source;
            var said = Answer(question, batchSize);
            exact += Answers.ExactMatch(said, question.Answers) ? 1 : 0;
            f1 += Answers.F1(said, question.Answers);
        }
        return [("f1", f1 / examples.Count), ("exact_match", exact / examples.Count)];
    }

    private string Answer(TextQuestion question, int batchSize)
    {
        var (best, answer) = (double.NegativeInfinity, "");
        foreach (var batch in Windows(question).Chunk(batchSize))
        {
            using var scope = Memory.Scope();
            var logits = model.Logits(Tokens(batch), Types(batch), PassOf(batch, null)).ToArray<float>();
            var at = 0;
            foreach (var window in batch)
            {
                for (var start = 0; start < window.Tokens.Length; start++)
                {
                    if (window.Offsets[start].End == 0) continue;
                    for (var end = start; end < Math.Min(start + MostAnswerTokens, window.Tokens.Length) && window.Offsets[end].End > 0; end++)
                    {
                        var score = logits[2 * (at + start)] + (double)logits[2 * (at + end) + 1];
                        if (score > best) (best, answer) = (score, question.Text[window.Offsets[start].Start..window.Offsets[end].End].Trim());
                    }
                }
                at += window.Tokens.Length;
            }
        }
        return answer;
    }

    /// <summary>begin, question, separator, a part of the text, separator: parts that overlap by half, the first that holds the whole answer marked by it.</summary>
    private IEnumerable<TuningExample> Windows(TextQuestion question)
    {
        int[] asked = [.. tokens.Tokenizer.Encode(question.Question).Take(maxTokens / 2)];
        var spans = tokens.Tokenizer.EncodeWithOffsets(question.Text);
        var room = maxTokens - asked.Length - 3;
        var half = Math.Max(1, room / 2);
        var (first, end) = (question.Start, question.Start + question.Answers[0].Length);
        int[] inside = [.. spans.Index().Where(span => span.Item.CharEnd > first && span.Item.CharStart < end).Select(span => span.Index)];
        // The window that training reads comes first: the one that holds the answer whole, or as much of it as fits.
        var starts = Enumerable.Range(0, Math.Max(1, (int)Math.Ceiling((double)(spans.Count - room) / half) + 1)).Select(i => Math.Min(i * half, Math.Max(0, spans.Count - room))).Distinct().ToList();
        if (inside.Length > 0 && !starts.Any(start => start <= inside[0] && inside[^1] < start + room)) starts.Add(inside[0]);
        foreach (var start in starts)
        {
            var part = spans.Skip(start).Take(room).ToArray();
            var offset = asked.Length + 2;
            int[] labels = inside.Length > 0 && inside[0] >= start && (inside[^1] < start + room || inside[0] == start)
                ? [inside[0] - start + offset, Math.Min(inside[^1] - start, part.Length - 1) + offset] : [-1, -1];
            yield return new TuningExample(
                [tokens.Begin, .. asked, tokens.Separator, .. part.Select(span => span.Id), tokens.Separator],
                model.Config is Models.Bert.BertConfig { TypeCount: > 1 } or Models.Electra.ElectraConfig { TypeCount: > 1 } or Models.Albert.AlbertConfig { TypeCount: > 1 }
                    ? [.. Enumerable.Repeat(0, offset), .. Enumerable.Repeat(1, part.Length + 1)] : null,
                labels, question)
            {
                Offsets = [.. Enumerable.Repeat((0, 0), offset), .. part.Select(span => (span.CharStart, span.CharEnd)), (0, 0)],
            };
        }
    }
}
