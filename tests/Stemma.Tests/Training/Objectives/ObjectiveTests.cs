using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Training.Objectives;
using Xunit;

namespace Stemma.Tests.Training.Objectives;

/// <summary>What is hidden, cut, shuffled or moved has the rates that it should, and the target has all that the input lost.</summary>
public sealed class ObjectiveTests
{
    private const int Texts = 400, Length = 50;

    private static readonly RandomStream s_random = new RandomStream(77).Fork("objectives");

    [Theory, InlineData(false), InlineData(true)]
    public void Masking_has_its_rates_and_its_targets_are_what_was_hidden(bool wholeWords)
    {
        // Ids from 10; an even one begins a word.
        var masking = new MaskedTokens { Mask = 3, VocabSize = 1000, Special = new HashSet<int> { 0, 1, 2, 3 }, BeginsWord = wholeWords ? id => id % 2 == 0 : null };
        masking.Validate();
        var (all, hidden, masked, kept) = (0, 0, 0, 0);
        for (var t = 0; t < Texts; t++)
        {
            int[] text = [1, .. Text(t), 2];
            var (inputs, targets) = masking.Apply(text, s_random.Fork((ulong)t));
            Assert.Equal((TensorOps.IgnoreIndex, TensorOps.IgnoreIndex), (targets[0], targets[^1]));
            for (var i = 0; i < text.Length; i++)
            {
                Assert.Equal(text[i], targets[i] == TensorOps.IgnoreIndex ? inputs[i] : targets[i]);
                if (targets[i] == TensorOps.IgnoreIndex) continue;
                hidden++;
                if (inputs[i] == 3) masked++;
                else if (inputs[i] == text[i]) kept++;
                else Assert.InRange(inputs[i], 4, 999);
                // A word is hidden whole.
                if (wholeWords && text[i + 1] % 2 == 1 && text[i + 1] >= 10) Assert.NotEqual(TensorOps.IgnoreIndex, targets[i + 1]);
            }
            all += text.Length - 2;
        }
        // Words of about two tokens: fewer independent draws, wider intervals.
        Within(hidden, all, 0.15, wholeWords ? 2.2 : 1);
        Within(masked, hidden, 0.8, wholeWords ? 2.2 : 1);
        Within(kept, hidden, 0.1, wholeWords ? 2.2 : 1);
    }

    [Fact]
    public void Masking_is_dynamic_by_its_stream_and_static_without_a_change_of_it()
    {
        var masking = new MaskedTokens { Mask = 3, VocabSize = 1000 };
        int[] text = Text(0);
        Assert.Equal(masking.Apply(text, s_random.Fork(5)).Inputs, masking.Apply(text, s_random.Fork(5)).Inputs);
        Assert.NotEqual(masking.Apply(text, s_random.Fork(5)).Inputs, masking.Apply(text, s_random.Fork(6)).Inputs);
        // Never nothing to learn.
        Assert.Contains(masking.Apply([7], s_random.Fork(1)).Targets, target => target == 7);
        Assert.Throws<ConfigurationException>(() => (masking with { MaskShare = 0.9, RandomShare = 0.2 }).Validate());
    }

    [Fact]
    public void Half_of_the_pairs_follow_and_the_others_do_not()
    {
        int[][][] texts = [.. Enumerable.Range(0, 20).Select(text => Enumerable.Range(0, 6).Select(sentence => Enumerable.Range(0, 9).Select(_ => 100 + 10 * text + sentence).ToArray()).ToArray())];
        var pairs = new NextSentences { Begin = 1, Separator = 2, MaxTokens = 40 };
        var follow = 0;
        for (var t = 0; t < 1000; t++)
        {
            var pair = pairs.Draw(texts, t % 20, s_random.Fork((ulong)t));
            Assert.Equal((1, 2, 40), (pair.Tokens[0], pair.Tokens[^1], Math.Max(40, pair.Tokens.Length)));
            var cut = Array.IndexOf(pair.Tokens, 2);
            Assert.All(pair.Types.Index(), type => Assert.Equal(type.Index > cut ? 1 : 0, type.Item));
            var (last, next) = (pair.Tokens[cut - 1], pair.Tokens[cut + 1]);
            if (pair.Follows) Assert.Equal(last + 1, next);
            else Assert.NotEqual(last / 10, next / 10);
            if (pair.Follows) follow++;
        }
        Within(follow, 1000, 0.5);
        var swapped = (pairs with { SwapsOrder = true, OtherShare = 1 }).Draw(texts, 3, s_random.Fork(9));
        Assert.True(swapped.Tokens[Array.IndexOf(swapped.Tokens, 2) - 1] > swapped.Tokens[Array.IndexOf(swapped.Tokens, 2) + 1]);
        Assert.Equal(1, swapped.Label);
    }

    [Fact]
    public void Spans_have_their_share_and_mean_and_the_text_comes_back()
    {
        var objective = new SpanCorruption { Sentinels = SpanCorruption.LastOf(1100), End = 1 };
        var (lost, spans, firsts) = (0, 0, new int[Length]);
        for (var t = 0; t < Texts; t++)
        {
            var text = Text(t);
            var pair = objective.Apply(text, s_random.Fork((ulong)t));
            Assert.Equal(text, objective.Restore(pair));
            Assert.Equal((1, 1), (pair.Source[^1], pair.Target[^1]));
            Assert.Equal(pair.Source.Where(objective.Sentinels.Contains), pair.Target.Where(objective.Sentinels.Contains));
            Assert.Equal(1099, pair.Target[0]);
            var here = pair.Source.Count(objective.Sentinels.Contains);
            spans += here;
            lost += pair.Target.Length - 1 - here;
            firsts[Array.FindIndex(pair.Source, objective.Sentinels.Contains)]++;
        }
        Assert.Equal(0.16, (double)lost / (Texts * Length), 1e-9);      // 7.5 of 50, rounded to even
        Assert.Equal(8.0 / 3, (double)lost / spans, 1e-9);              // three spans for eight tokens
        // Where the first span begins is no fixed place: 42 kept tokens in three parts, the first of which is any length from 1 to 40.
        Assert.Equal(0, firsts[0]);
        Assert.True(firsts.Count(count => count > 0) > 25);
        Assert.Equal([5, 1], objective.Restore(objective.Apply([5, 1], s_random)));
        Assert.Contains("sentinels", Assert.Throws<ConfigurationException>(() => (objective with { Sentinels = [9] }).Apply(Text(1), s_random)).Message);
    }

    [Fact]
    public void Five_noises_do_what_they_say()
    {
        var text = Text(3);
        Assert.Equal(text.Order(), new DocumentRotation().Apply(text, s_random).Order());
        var rotated = new DocumentRotation().Apply(text, s_random.Fork(2)).ToArray();
        int[] back = [.. rotated.Skip(Array.IndexOf(rotated, text[0])), .. rotated.Take(Array.IndexOf(rotated, text[0]))];
        Assert.Equal(text, back);

        var permuted = new SentencePermutation(id => id % 7 == 0).Apply(text, s_random.Fork(3));
        Assert.Equal(text.Order(), permuted.Order());
        Assert.NotEqual(text, permuted);

        var (masked, gone, all) = (0, 0, 0);
        for (var t = 0; t < Texts; t++)
        {
            var line = Text(t);
            var stream = s_random.Fork((ulong)t);
            masked += new TokenMasking(3, 0.3).Apply(line, stream).Count(id => id == 3);
            gone += line.Length - new TokenDeletion(0.2).Apply(line, stream).Count;
            all += line.Length;
        }
        Within(masked, all, 0.3);
        Within(gone, all, 0.2);
    }

    [Fact]
    public void Infilling_takes_its_share_in_spans_of_a_poisson_length_and_loses_nothing_else()
    {
        var noise = new TextInfilling(3, 0.3);
        var (lost, masks) = (0, 0);
        for (var t = 0; t < Texts; t++)
        {
            int[] line = [.. Enumerable.Range(100, 200)];
            var noisy = noise.Apply(line, s_random.Fork((ulong)t));
            int[] kept = [.. noisy.Where(id => id != 3)];
            Assert.Equal(kept.Order(), kept);
            Assert.Equal(line.Length - 60, kept.Length);
            lost += 60;
            masks += noisy.Count - kept.Length;
        }
        // A mask stands for 3 tokens in the mean, empty spans counted; the last of a text is cut short.
        Assert.InRange((double)lost / masks, 2.75, 3.0);
        var pair = new Denoising { Noises = [noise, new DocumentRotation()], Begin = 0, End = 2 }.Apply(Text(2), s_random);
        Assert.Equal([0, .. Text(2), 2], pair.Target);
        Assert.Equal((0, 2), (pair.Source[0], pair.Source[^1]));
    }

    [Fact]
    public void A_prefix_is_given_and_the_rest_predicted()
    {
        var lengths = new HashSet<int>();
        for (var t = 0; t < Texts; t++)
        {
            var text = Text(t);
            var split = PrefixSplit.Apply(text, s_random.Fork((ulong)t));
            Assert.Equal(text[..^1], split.Inputs);
            Assert.All(split.Targets.Index(), target => Assert.Equal(target.Index + 1 < split.PrefixLength ? TensorOps.IgnoreIndex : text[target.Index + 1], target.Item));
            lengths.Add(split.PrefixLength);
        }
        Assert.Equal((1, Length - 1), (lengths.Min(), lengths.Max()));
    }

    [Fact]
    public void A_middle_is_moved_in_either_order_and_can_be_put_back()
    {
        var objective = new FillInTheMiddle { Prefix = 1, Suffix = 2, Middle = 3, Share = 0.6, SuffixFirstShare = 0.25 };
        objective.Validate();
        var (moved, suffixFirst) = (0, 0);
        const int Count = 2000;
        for (var t = 0; t < Count; t++)
        {
            var text = Text(t);
            var read = objective.Apply(text, s_random.Fork((ulong)t));
            if (read[0] != 1)
            {
                Assert.Equal(text, read);
                continue;
            }
            moved++;
            var (suffix, middle) = (Array.IndexOf(read, 2), Array.IndexOf(read, 3));
            if (suffix == 1 && read.AsSpan(middle + 1).SequenceEqual(text.AsSpan(0, read.Length - middle - 1))) suffixFirst++;
            int[] restored = [.. read[1..suffix], .. read[(middle + 1)..], .. read[(suffix + 1)..middle]];
            Assert.Equal(text, restored);
        }
        Within(moved, Count, 0.6);
        // An empty prefix looks like the other order: one in 26 or so.
        Within(suffixFirst, moved, 0.25 + 0.75 * 0.039, 1.5);
        Assert.Throws<ConfigurationException>(() => (objective with { Middle = 2 }).Validate());
    }

    private static int[] Text(int number) => [.. Enumerable.Range(0, Length).Select(i => 10 + (int)new RandomStream(5).Fork((ulong)number).Below(900, (ulong)i))];

    /// <summary>The count lies within four standard errors of what it should be.</summary>
    private static void Within(int count, int of, double share, double wider = 1) =>
        Assert.InRange((double)count / of, share - 4 * wider * Math.Sqrt(share * (1 - share) / of), share + 4 * wider * Math.Sqrt(share * (1 - share) / of));
}
