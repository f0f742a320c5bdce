using Stemma.Models.Gpt2;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Models.Gpt2;

/// <summary>An output row depends on its own inputs alone.</summary>
public sealed class Gpt2InvarianceTests
{
    private static readonly int[] Row = [13, 80, 59, 49, 26, 76, 35, 24, 85, 18, 32, 40];

    public static TheoryData<string> Devices => ["cpu", "reference"];

    [Theory, MemberData(nameof(Devices))]
    public void A_later_token_never_changes_an_earlier_logit(string device)
    {
        var model = Gpt2GoldenTests.Load(device);
        var before = Logits(model, Row);
        for (var j = 0; j < Row.Length; j++)
        {
            var changed = Row.ToArray();
            changed[j] = (changed[j] + 1) % model.VocabSize;
            var after = Logits(model, changed);
            Assert.Equal(Bits(before.AsSpan(0, j * model.VocabSize)), Bits(after.AsSpan(0, j * model.VocabSize)));
            Assert.NotEqual(Bits(before.AsSpan(j * model.VocabSize, model.VocabSize)), Bits(after.AsSpan(j * model.VocabSize, model.VocabSize)));
        }
    }

    [Theory, MemberData(nameof(Devices))]
    public void A_sequence_alone_equals_the_same_in_a_batch(string device)
    {
        var model = Gpt2GoldenTests.Load(device);
        int[][] rows = [Row[..3], Row, Row[2..9], [.. Row[5..], .. Row], Row[..1]];
        var batch = new float[rows.Sum(r => r.Length) * model.VocabSize];
        var states = rows.Select(_ => model.Start()).ToArray();
        model.Advance([.. rows.Select((row, i) => new SequenceStep(states[i], row, Wanted.All))], batch);
        var steps = new float[rows.Length * model.VocabSize];
        model.Advance([.. rows.Select((row, i) => new SequenceStep(states[i], row.AsMemory(0, 1), Wanted.Last))], steps);
        var at = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            using var state = model.Start();
            var alone = new float[rows[i].Length * model.VocabSize];
            model.Advance([new(state, rows[i], Wanted.All)], alone);
            Assert.Equal(Bits(alone), Bits(batch.AsSpan(at, alone.Length)));
            at += alone.Length;
            var step = new float[model.VocabSize];
            model.Advance([new(state, rows[i].AsMemory(0, 1), Wanted.Last)], step);
            Assert.Equal(Bits(step), Bits(steps.AsSpan(i * step.Length, step.Length)));
            states[i].Dispose();
        }
    }

    [Theory, MemberData(nameof(Devices))]
    public void Packed_sequences_do_not_see_each_other(string device)
    {
        var model = Gpt2GoldenTests.Load(device);
        var packed = model.Logits(Gpt2GoldenTests.Ids([.. Row, .. Row[3..]], model.Device), new(SequenceLayout.Packed(Row.Length, Row.Length - 3))).ToArray<float>();
        Assert.Equal(Bits(Logits(model, Row)), Bits(packed.AsSpan(0, Row.Length * model.VocabSize)));
        Assert.Equal(Bits(Logits(model, Row[3..])), Bits(packed.AsSpan(Row.Length * model.VocabSize)));
    }

    [Theory, MemberData(nameof(Devices))]
    public void Cached_decoding_equals_the_whole_forward_pass(string device)
    {
        var model = Gpt2GoldenTests.Load(device);
        double[] expected = [.. Logits(model, Row).Select(x => (double)x)];
        foreach (int[] parts in (int[][])[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 1, 6], [11, 1]])
        {
            using var state = model.Start();
            var logits = new float[expected.Length];
            var at = 0;
            foreach (var count in parts)
            {
                model.Advance([new(state, Row.AsMemory(at, count), Wanted.All)], logits.AsSpan(at * model.VocabSize));
                at += count;
            }
            Golden.Close(expected, logits, 1e-5, "cached logits");
        }
    }

    private static float[] Logits(Gpt2Model model, int[] ids) => model.Logits(Gpt2GoldenTests.Ids(ids, model.Device), new(SequenceLayout.Packed(ids.Length))).ToArray<float>();

    private static uint[] Bits(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), BitConverter.SingleToUInt32Bits);
}
