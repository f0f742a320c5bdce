using System.Text.Json.Nodes;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

/// <summary>What a tape has recorded can be looked at.</summary>
public sealed class TapeGraphTests
{
    [Fact]
    public void Nodes_are_what_was_computed_from_what()
    {
        using var tape = Tape.Start();
        Tensor x = Tensor.Zeros([5, 3]), w = Tensor.Zeros([4, 3]).WithGradient(), b = Tensor.Zeros([4]).WithGradient();
        var loss = x.Linear(w, b).Tanh().CrossEntropy(Tensor.From([0, 1, 2, 3, 0], [5]));
        var graph = tape.ToGraph(tensor => tensor == w ? "w" : null);
        Assert.Equal(
            ["constant [5, 3]", "w [4, 3]", "weight [4]", "Linear [5, 4]", "Tanh [5, 4]", "CrossEntropy []"],
            graph.Nodes.Select(node => $"{node.Label} {node.Shape}"));
        Assert.Equal([0, 1, 2], graph.Nodes[3].Inputs);
        Assert.Equal([3], graph.Nodes[4].Inputs);
        Assert.Equal([false, true, true, true, true, true], graph.Nodes.Select(node => node.RequiresGradient));
        // Linear holds its input and its weight, tanh its output, the loss the gradient of its logits; all float32.
        Assert.Equal([4 * (15 + 12), 4 * 20, 4 * 20], graph.Nodes.Skip(3).Select(node => (int)node.SavedBytes));
        Assert.Equal(4 * (15 + 12 + 20 + 20), graph.SavedBytes);
        tape.Backward(loss);
        Assert.Empty(tape.ToGraph().Nodes);
    }

    [Fact]
    public void Every_operation_is_called_by_its_name()
    {
        foreach (var op in Ops.OpCatalogue.All)
        {
            using var tape = Tape.Start();
            op.Loss([.. op.Bases().Select(x => x.WithGradient())], out _);
            var made = tape.ToGraph().Nodes.Where(node => node.IsOperation).ToArray();
            Assert.NotEmpty(made);
            Assert.All(made, node => Assert.Contains(node.Operation!, Names));
            if (op.Op is "Lstm" or "Gru" or "Rnn" or "Tanh" or "Attention" or "Linear" or "LayerNorm") Assert.Contains(made, node => node.Operation == op.Op);
        }
    }

    [Fact]
    public void The_formats_hold_the_same_graph()
    {
        using var tape = Tape.Start();
        var w = Tensor.Zeros([2, 2]).WithGradient();
        w.Square().Sum();
        var graph = tape.ToGraph(_ => "a \"name\"");
        var json = JsonNode.Parse(graph.ToJson())!;
        Assert.Equal(graph.SavedBytes, (long)json["saved_bytes"]!);
        var nodes = json["nodes"]!.AsArray();
        Assert.Equal(graph.Nodes.Count, nodes.Count);
        Assert.Null(nodes[0]!["operation"]);
        Assert.Equal("Square", (string)nodes[1]!["operation"]!);
        Assert.Equal([2, 2], nodes[1]!["shape"]!.AsArray().Select(size => (int)size!));
        Assert.Equal([0], nodes[1]!["inputs"]!.AsArray().Select(input => (int)input!));
        Assert.True((bool)nodes[0]!["requires_grad"]!);
        var dot = graph.ToDot();
        Assert.StartsWith("digraph tape {", dot, StringComparison.Ordinal);
        Assert.Contains("n0 [label=\"a \\\"name\\\"\\n[2, 2]\"", dot, StringComparison.Ordinal);
        Assert.Contains("n0 -> n1;", dot, StringComparison.Ordinal);
        Assert.Equal(graph.Nodes.Sum(node => node.Inputs.Count), dot.Split(" -> ").Length - 1);
    }

    private static string[] Names { get; } = [.. typeof(TensorOps).GetMethods().Select(method => method.Name)];
}
