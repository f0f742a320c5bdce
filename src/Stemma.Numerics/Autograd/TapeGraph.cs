using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Stemma.Numerics.Autograd;

/// <summary>What a tape has recorded: tensors as nodes, each made from others or given. Nodes stand after those they were made from.</summary>
/// <param name="Nodes">In the order of recording.</param>
/// <param name="SavedBytes">All that is held for the gradients, memory shared by several operations counted once.</param>
public sealed record TapeGraph(IReadOnlyList<TapeGraphNode> Nodes, long SavedBytes)
{
    /// <summary>The graph in Graphviz's language: <c>dot -Tsvg</c> draws it.</summary>
    public string ToDot()
    {
        var dot = new StringBuilder("digraph tape {\n  node [shape=box, fontname=\"sans-serif\"];\n");
        foreach (var node in Nodes)
        {
            var shape = node.IsOperation ? "" : node.RequiresGradient ? ", style=filled, fillcolor=lightblue" : ", style=dashed";
            dot.Append(CultureInfo.InvariantCulture, $"  n{node.Id} [label=\"{Escape(node.Label)}\\n{node.Shape}{(node.SavedBytes > 0 ? $"\\nholds {node.SavedBytes} bytes" : "")}\"{shape}];\n");
            foreach (var input in node.Inputs) dot.Append(CultureInfo.InvariantCulture, $"  n{input} -> n{node.Id}{(Nodes[input].RequiresGradient ? "" : " [style=dashed]")};\n");
        }
        return dot.Append("}\n").ToString();

        static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    /// <summary><c>{"saved_bytes":…, "nodes":[{"id":…, "operation":…, "name":…, "shape":[…], "type":…, "requires_grad":…, "saved_bytes":…, "inputs":[…]}, …]}</c></summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("saved_bytes", SavedBytes);
            json.WriteStartArray("nodes");
            foreach (var node in Nodes) Write(json, node);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, TapeGraphNode node)
    {
        json.WriteStartObject();
        json.WriteNumber("id", node.Id);
        json.WriteString("operation", node.Operation);
        json.WriteString("name", node.Name);
        json.WriteStartArray("shape");
        foreach (var size in node.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("type", node.DType.ToString());
        json.WriteBoolean("requires_grad", node.RequiresGradient);
        json.WriteNumber("saved_bytes", node.SavedBytes);
        json.WriteStartArray("inputs");
        foreach (var input in node.Inputs) json.WriteNumberValue(input);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>One tensor of a <see cref="TapeGraph"/>.</summary>
/// <param name="Id">Its place in the list.</param>
/// <param name="Operation">What made it; null for what was given.</param>
/// <param name="Name">What it is called; null where it has no name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="DType">Its element type.</param>
/// <param name="RequiresGradient">Whether a gradient flows to it.</param>
/// <param name="SavedBytes">What its operation holds in memory for its gradient.</param>
/// <param name="Inputs">What it was made from.</param>
public sealed record TapeGraphNode(int Id, string? Operation, string? Name, Shape Shape, DType DType, bool RequiresGradient, long SavedBytes, IReadOnlyList<int> Inputs)
{
    /// <summary>Whether the tape made it.</summary>
    public bool IsOperation => Operation is not null;

    /// <summary>What a person reads: the operation, the name of a weight, or what kind of thing was given.</summary>
    public string Label => Name is not null ? Operation is null ? Name : $"{Operation}: {Name}" : Operation ?? (RequiresGradient ? "weight" : "constant");
}
