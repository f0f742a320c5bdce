namespace Stemma.Layers;

/// <summary>Numbers the places of a model that drop values, so that each draws from a stream of its own.</summary>
internal static class DropoutPlace
{
    public const int AttentionWeights = 0;
    public const int AttentionOutput = 1;
    public const int MlpOutput = 2;
    public const int Embedding = 3;

    public static ulong Of(int layer, int place) => (ulong)layer * 4 + (ulong)place;
}
