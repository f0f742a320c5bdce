using Stemma.Models.Gpt2;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>Models as folders in Hugging Face's layout, whatever their family.</summary>
public static class ModelFolder
{
    /// <summary>Loads a model.</summary>
    /// <param name="folder">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="device">Where it goes.</param>
    public static NeuralLanguageModel Load(string folder, Device device) => Gpt2Checkpoint.Load(folder, device);

    /// <summary>Saves a model; each file is replaced as a whole.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="model">What to save.</param>
    /// <param name="endOfText">The id of the token that ends a text, where there is one.</param>
    public static void Save(string folder, NeuralLanguageModel model, int? endOfText)
    {
        switch (model)
        {
            case Gpt2Model gpt2: Gpt2Checkpoint.Save(folder, gpt2, endOfText); break;
            default: throw new NotSupportedException($"Models of type {model?.GetType().Name} cannot be saved.");
        }
    }

    /// <summary>Reads the weights of a saved model of the same configuration into a model.</summary>
    public static void ReadWeights(string folder, NeuralLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var saved = Load(folder, model.Device);
        for (var i = 0; i < model.Parameters.Count; i++) model.Parameters[i].Value.CopyFrom(saved.Parameters[i].Value);
    }
}
