using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// The walk over time as plain operations, all sequences side by side: what the fused layers are compared with, what an observer sees,
/// and what layers run on that have no fused form.
/// </summary>
internal static class TimeSteps
{
    /// <summary>One step: rows [sequences, ..] of inputs and of the states before, and the numbers of the sequences; the states after, the hidden one first.</summary>
    public delegate Tensor[] Step(Tensor inputs, Tensor[] states, int[] sequences);

    /// <summary>Walks to the end of every sequence.</summary>
    /// <param name="inputs">[rows, ..], the sequences one after the other.</param>
    /// <param name="layout">Where they begin and end.</param>
    /// <param name="states">[sequences, hidden] each.</param>
    /// <param name="step">Called once per time step, with the sequences that have a row then.</param>
    /// <returns>The hidden state of every row [rows, hidden], then the last states of each sequence.</returns>
    public static Tensor[] Walk(Tensor inputs, SequenceLayout layout, Tensor[] states, Step step)
    {
        var offsets = layout.QueryOffsets.ToArray();
        int Length(int sequence) => offsets[sequence + 1] - offsets[sequence];
        var active = Enumerable.Range(0, layout.Count).ToArray();
        // Rows in the order of time, and the place of each row of the layout among them; the same of the states of ended sequences.
        var (outputs, rowPlaces, written) = (new List<Tensor>(), new int[layout.QueryCount], 0);
        var (ended, sequencePlaces, endedCount) = (states.Select(_ => new List<Tensor>()).ToArray(), new int[layout.Count], 0);
        for (var t = 0; active.Length > 0; t++)
        {
            var (over, left) = (Positions(i => Length(active[i]) <= t), Positions(i => Length(active[i]) > t));
            if (over.Length > 0)
            {
                for (var part = 0; part < states.Length; part++) ended[part].Add(Rows(states[part], over));
                foreach (var position in over) sequencePlaces[active[position]] = endedCount++;
                if (left.Length > 0) states = [.. states.Select(state => Rows(state, left))];
                active = [.. left.Select(position => active[position])];
                if (active.Length == 0) break;
            }
            states = step(Rows(inputs, [.. active.Select(sequence => offsets[sequence] + t)]), states, active);
            outputs.Add(states[0]);
            foreach (var sequence in active) rowPlaces[offsets[sequence] + t] = written++;
        }
        var output = outputs.Count == 0 ? inputs.Slice(1, 0, states[0].Shape[1]) : Rows(TensorOps.Concatenate(0, [.. outputs]), rowPlaces);
        return [output, .. ended.Select((parts, i) => parts.Count == 0 ? states[i] : Rows(TensorOps.Concatenate(0, [.. parts]), sequencePlaces))];

        int[] Positions(Func<int, bool> condition) => [.. Enumerable.Range(0, active.Length).Where(condition)];
    }

    /// <summary>Rows of a tensor by number.</summary>
    public static Tensor Rows(Tensor x, int[] numbers) =>
        numbers.Length == x.Shape[0] && numbers.Index().All(pair => pair.Index == pair.Item) ? x : x.Gather(Tensor.From(numbers, [numbers.Length], x.Device));
}
