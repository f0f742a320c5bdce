namespace Stemma.Curation;

/// <summary>How often the documents of each input come.</summary>
internal static class Mixture
{
    /// <summary>Times per document, for each input.</summary>
    /// <param name="inputs">With epochs, or with weights.</param>
    /// <param name="bytes">What each input has left after the steps.</param>
    /// <exception cref="ConfigurationException">An input with a weight has nothing left.</exception>
    public static double[] Epochs(IReadOnlyList<RecipeInput> inputs, long[] bytes)
    {
        if (inputs[0].Weight is null) return [.. inputs.Select(input => input.Epochs ?? 1)];
        for (var i = 0; i < inputs.Count; i++)
            if (bytes[i] == 0) throw new ConfigurationException($"inputs[{i}] ({inputs[i].Path}) has the weight {inputs[i].Weight}, but the steps left nothing of it. Look at report.json, and change the steps or the weights.");
        // The whole is as large as it can be without repeating any input.
        var whole = inputs.Select((input, i) => bytes[i] / input.Weight!.Value).Min();
        return [.. inputs.Select((input, i) => whole * input.Weight!.Value / bytes[i])];
    }

    /// <summary>How often a document comes: the whole epochs, and once more with the probability of the rest.</summary>
    public static int Copies(double epochs, ulong identity)
    {
        var whole = (int)epochs;
        return whole + (Uniform(Words.Mix(identity + 1)) < epochs - whole ? 1 : 0);
    }

    /// <summary>Whether a document is held out.</summary>
    public static bool IsHeldOut(double fraction, ulong identity) => Uniform(Words.Mix(identity + 2)) < fraction;

    private static double Uniform(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
