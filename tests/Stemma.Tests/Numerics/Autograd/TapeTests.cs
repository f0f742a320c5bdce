using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

public sealed class TapeTests
{
    [Fact]
    public void Gradients_of_a_tensor_used_often_add_up()
    {
        using var tape = Tape.Start();
        var x = Tensor.From([2f, -3f], [2]).WithGradient();
        var loss = (x * x + x * 3 + x + x).Sum();
        Assert.Equal([2 * 2 + 5f, 2 * -3 + 5f], tape.Backward(loss)[x].ToArray<float>());
    }

    [Fact]
    public void A_table_that_is_looked_up_and_multiplied_by_gets_the_sum_of_both_gradients()
    {
        // Whole numbers, so that the order of sums does not matter.
        float[] values = [1, -2, 3, 0, 2, -1, 4, 1, 1, -3, 2, 2];
        var ids = Tensor.From([3, 0, 3], [3]);
        Assert.Equal(Gradient(tied: false), Gradient(tied: true));

        float[] Gradient(bool tied)
        {
            using var tape = Tape.Start();
            var table = Tensor.From(values, [4, 3]).WithGradient();
            var weight = tied ? table : Tensor.From(values, [4, 3]).WithGradient();
            var gradients = tape.Backward(table.Gather(ids).Linear(weight).Square().Sum());
            return tied ? gradients[table].ToArray<float>() : (gradients[table] + gradients[weight]).ToArray<float>();
        }
    }

    [Fact]
    public void Only_tensors_that_require_a_gradient_get_one()
    {
        using var tape = Tape.Start();
        var x = Tensor.From([2f], [1]).WithGradient();
        var constant = Tensor.From([5f], [1]);
        var unused = Tensor.From([7f], [1]).WithGradient();
        var gradients = tape.Backward((x * constant).Sum());
        Assert.Equal([5f], gradients[x].ToArray<float>());
        Assert.Single(gradients);
        Assert.False(gradients.TryGet(constant, out _));
        var error = Assert.Throws<KeyNotFoundException>(() => gradients[unused]);
        Assert.Contains("[1]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_needs_one_number_that_depends_on_a_weight()
    {
        using var tape = Tape.Start();
        var x = Tensor.From([2f, 1f], [2]).WithGradient();
        Assert.Throws<ArgumentException>(() => tape.Backward(x * 2));
        Assert.Throws<ArgumentException>(() => tape.Backward(Tensor.Scalar(1f)));
    }

    [Fact]
    public void A_weight_is_its_own_loss()
    {
        using var tape = Tape.Start();
        var x = Tensor.Scalar(2f).WithGradient();
        Assert.Equal(1, tape.Backward(x)[x].ToScalar());
    }

    [Fact]
    public void Nothing_is_recorded_without_a_tape_or_while_it_pauses()
    {
        var x = Tensor.Scalar(2f).WithGradient();
        Assert.False((x * 2).RequiresGradient);
        using var tape = Tape.Start();
        Assert.True(Tape.IsRecording);
        using (Tape.Pause())
        {
            Assert.False(Tape.IsRecording);
            Assert.False((x * 2).RequiresGradient);
        }
        Assert.True((x * 2).RequiresGradient);
        Assert.False((x.Detach() * 2).RequiresGradient);
    }

    [Fact]
    public void A_detached_factor_counts_as_a_constant()
    {
        using var tape = Tape.Start();
        var x = Tensor.Scalar(3f).WithGradient();
        Assert.Equal(3, tape.Backward(x * x.Detach())[x].ToScalar());
    }

    [Fact]
    public void A_second_Backward_says_that_the_first_freed_its_history()
    {
        using var tape = Tape.Start();
        var x = Tensor.Scalar(3f).WithGradient();
        var shared = tape.Keep(x.Square());
        var (first, second) = (shared * 2, shared * 3);
        tape.Backward(first);
        Assert.Throws<InvalidOperationException>(() => tape.Backward(second));
        Assert.Throws<InvalidOperationException>(() => tape.Backward(shared.Exp()));
        Assert.Equal(5, tape.Backward(x * 5)[x].ToScalar());
    }

    [Fact]
    public void Several_losses_can_share_one_tape()
    {
        using var tape = Tape.Start();
        var x = Tensor.Scalar(3f).WithGradient();
        var first = tape.Backward(x.Square());
        var both = first.Add(tape.Backward(x.Square() * 10));
        Assert.Equal(66, both[x].ToScalar());
        Assert.Equal(66, both.Norm, 1e-9);
    }

    [Fact]
    public void A_tape_inside_a_tape_sees_the_outer_ones_results_as_weights()
    {
        using var outer = Tape.Start();
        var x = Tensor.Scalar(3f).WithGradient();
        var y = x.Square();
        using (var inner = Tape.Start())
        {
            Assert.Equal(2 * 9, inner.Backward(y.Square())[y].ToScalar());
        }
        Assert.Equal(6, outer.Backward(y)[x].ToScalar());
    }

    [Fact]
    public void Tapes_and_scopes_end_in_reverse_order()
    {
        var outer = Tape.Start();
        var inner = Tape.Start();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
        Assert.False(Tape.IsRecording);
    }

    [Fact]
    public void Gradients_are_contiguous_even_those_of_views()
    {
        using var tape = Tape.Start();
        var x = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]).WithGradient();
        var gradients = tape.Backward(x.Transposed.Sum());
        Assert.True(gradients[x].IsContiguous);
        Assert.Equal([1f, 1f, 1f, 1f, 1f, 1f], gradients[x].ToArray<float>());
    }

    [Fact]
    public void Clipping_by_norm_keeps_the_direction_and_by_value_bounds_each_component()
    {
        using var tape = Tape.Start();
        var (a, b) = (Tensor.From([1f, 1f], [2]).WithGradient(), Tensor.From([1f], [1]).WithGradient());
        var gradients = tape.Backward((a * Tensor.From([3f, -4f], [2])).Sum() + (b * 12).Sum());
        Assert.Equal(13, gradients.Norm, 1e-6);
        gradients.ClipNorm(26);
        Assert.Equal([3f, -4f], gradients[a].ToArray<float>());
        gradients.ClipNorm(6.5);
        Assert.Equal(13, gradients.Norm, 1e-6);
        Close.Check([.. gradients[a].ToArray<float>().Concat(gradients[b].ToArray<float>())], [1.5, -2, 6], 1e-6, "clipped gradient");
        gradients.ClipValue(1.75);
        Close.Check([.. gradients[a].ToArray<float>().Concat(gradients[b].ToArray<float>())], [1.5, -1.75, 1.75], 1e-6, "clipped gradient");
    }

    [Fact]
    public void Clipping_is_done_when_somebody_looks()
    {
        using var tape = Tape.Start();
        var weight = Tensor.From([1f, 1f], [2]).WithGradient();
        var gradients = tape.Backward((weight * Tensor.From([3f, -4f], [2])).Sum()).ClipNorm(2);
        Assert.Equal(0.4, gradients.PendingScale, 1e-6);
        Assert.True(gradients.TryGetUnscaled(weight, out var unscaled));
        Assert.Equal([3f, -4f], unscaled.ToArray<float>());
        Close.Check([.. gradients[weight].ToArray<float>()], [1.2, -1.6], 1e-6, "clipped gradient");
        Assert.Equal(1, gradients.PendingScale);
        Close.Check([.. gradients.ClipNorm(2.5).Single().Value.ToArray<float>()], [0.6, -0.8], 1e-6, "gradient clipped twice");
    }

    [Fact]
    public void Clipping_changes_every_weights_gradient_once_where_two_share_memory()
    {
        using var tape = Tape.Start();
        var (a, b) = (Tensor.From([1f, 1f], [2]).WithGradient(), Tensor.From([1f, 1f], [2]).WithGradient());
        var gradients = tape.Backward((a + b).Sum()).ClipNorm(1);
        Close.Check([.. gradients[a].ToArray<float>().Concat(gradients[b].ToArray<float>())], [0.5, 0.5, 0.5, 0.5], 1e-5, "clipped gradient");
    }
}
