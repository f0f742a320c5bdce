using Stemma.Models;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma.Training;

/// <summary>The weights of the best evaluation: in the run's folder as a model to use, or in memory where there is none.</summary>
internal sealed class BestWeights(NeuralLanguageModel model, RunFolder? folder, Tokenizer tokenizer)
{
    private Tensor[]? _copies;

    /// <summary>Takes the weights as they are now.</summary>
    public void Take()
    {
        if (folder is not null)
        {
            ModelFolder.Save(folder.Location, model, tokenizer.EndOfText, tokenizer.Hash);
            return;
        }
        _copies ??= [.. model.Parameters.Select(weight => Tensor.Empty(weight.Shape, weight.Value.DType, model.Device))];
        for (var i = 0; i < _copies.Length; i++) _copies[i].CopyFrom(model.Parameters[i].Value);
    }

    /// <summary>Puts them back into the model.</summary>
    public void Restore()
    {
        if (folder is not null) ModelFolder.ReadWeights(folder.Location, model);
        else for (var i = 0; i < _copies!.Length; i++) model.Parameters[i].Value.CopyFrom(_copies[i]);
    }
}
