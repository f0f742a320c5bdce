using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Cli.Commands;

/// <summary>What a model's loss is computed from: the tape of one sequence as long as the context, or of one short pair.</summary>
internal static class LossGraph
{
    public static int Write(CommandContext context, string folder, string target, bool norms, bool json)
    {
        Check(target, norms);
        var model = ModelFolder.Load(folder, Device.CreateCpu());
        return Write(context, target, ModelDescription.Of(model.Config), "sequence", model.Parameters, json, () =>
        {
            var length = model.Config.ContextLength;
            int[] tokens = [.. Enumerable.Range(0, length + 1).Select(i => i % model.VocabSize)];
            model.Loss(Tensor.From(tokens[..^1], [length], model.Device), Tensor.From(tokens[1..], [length], model.Device), new Pass(SequenceLayout.Batch(1, length)));
        });
    }

    /// <summary>Of an encoder–decoder: a source of five tokens and a target of four.</summary>
    public static int Write(CommandContext context, ConditionalModel model, string target, bool norms, bool json)
    {
        Check(target, norms);
        int[] source = [.. Enumerable.Range(0, 5).Select(i => i % model.Config.SourceVocabSize)], said = [.. Enumerable.Range(0, 4).Select(i => i % model.Config.TargetVocabSize)];
        return Write(context, target, PairDescription.Of(model.Config), "pair", model.Parameters, json, () => model.Loss(PairBatch.Of([new(source, said)], 0)));
    }

    private static void Check(string target, bool norms)
    {
        if (norms) throw new MisuseException("--graph writes a file and --norms a table; choose one.");
        if (Path.GetExtension(target) is not (".svg" or ".dot" or ".json")) throw new MisuseException($"--graph is {target}; its name must end in .svg, .dot or .json.");
    }

    private static int Write(CommandContext context, string target, string description, string what, IReadOnlyList<Parameter> weights, bool json, Action loss)
    {
        using var tape = Tape.Start();
        loss();
        var names = weights.ToDictionary(weight => weight.Value, weight => weight.Name);
        var graph = tape.ToGraph(names.GetValueOrDefault);
        AtomicFile.WriteText(target, Path.GetExtension(target) switch
        {
            ".svg" => GraphFigure.Of(graph, $"The loss of {description}").ToSvg(),
            ".dot" => graph.ToDot(),
            _ => graph.ToJson() + "\n",
        });
        var operations = graph.Nodes.Count(node => node.IsOperation);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteNumber("operations", operations);
                writer.WriteNumber("nodes", graph.Nodes.Count);
                writer.WriteNumber("saved_bytes", graph.SavedBytes);
            });
            return ExitCode.Success;
        }

        context.Screen(json).Line($"Wrote {Markup.Escape(target)}: {Quantity.Of(operations, "operation")} on {Quantity.Of(graph.Nodes.Count - operations, "weight")} and constants, holding {Quantity.Bytes(graph.SavedBytes)} for the gradients of one {what}.");
        return ExitCode.Success;
    }
}
