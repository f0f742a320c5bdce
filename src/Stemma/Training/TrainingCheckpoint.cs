using System.Text.Json;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Optimizers;

namespace Stemma.Training;

/// <summary>
/// All that a run needs to go on, in one file that is replaced as a whole: the last weights, the optimizer's tensors, what the model
/// carries from window to window and, in the metadata, the state. A kill at any moment leaves the last good one.
/// </summary>
internal static class TrainingCheckpoint
{
    private const string StateKey = "stemma.state";
    private const string WeightPrefix = "weights.";
    private const string OptimizerPrefix = "optimizer.";
    private const string CarriedPrefix = "carried.";

    /// <summary>Writes the checkpoint, then the readable copy of its state.</summary>
    public static void Write(RunFolder folder, IReadOnlyList<Parameter> weights, Optimizer optimizer, IReadOnlyList<CarriedState> carried, TrainingState state)
    {
        var json = JsonSerializer.Serialize(state, StemmaJson.Default.TrainingState);
        IEnumerable<(string, Tensor)> tensors =
        [
            .. weights.Select(weight => (WeightPrefix + weight.Name, weight.Value)),
            .. optimizer.State.Select(tensor => (OptimizerPrefix + tensor.Name, tensor.Value)),
            .. Carried(carried),
        ];
        SafetensorsWriter.Write(folder.Checkpoint, tensors, new Dictionary<string, string> { [StateKey] = json });
        AtomicFile.WriteText(folder.State, json + "\n");
    }

    /// <summary>Reads the checkpoint into the weights and the optimizer.</summary>
    /// <exception cref="CheckpointFormatException">The file is broken, or not this model's.</exception>
    public static TrainingState Read(RunFolder folder, IReadOnlyList<Parameter> weights, Optimizer optimizer, IReadOnlyList<CarriedState> carried)
    {
        using var file = SafetensorsFile.Open(folder.Checkpoint);
        if (!file.Metadata.TryGetValue(StateKey, out var json) || JsonSerializer.Deserialize(json, StemmaJson.Default.TrainingState) is not { } state)
            throw new CheckpointFormatException($"{folder.Checkpoint} holds no training state.");
        foreach (var weight in weights) file.Read(WeightPrefix + weight.Name, weight.Shape, weight.Value);
        foreach (var (name, value) in optimizer.State) file.Read(OptimizerPrefix + name, value.Shape, value);
        foreach (var (name, value) in Carried(carried))
        {
            if (value.DType == DType.Int32) file.Read(name, value.Span<int>());
            else file.Read(name, value.Shape, value);
        }
        optimizer.StepCount = state.Step;
        return state;
    }

    private static IEnumerable<(string Name, Tensor Value)> Carried(IReadOnlyList<CarriedState> carried) =>
        carried.SelectMany((state, part) => state.Parts.Zip(state.Tensors, (what, value) => ($"{CarriedPrefix}{part}.{what.Name}", value)));
}
