namespace Stemma.Layers;

/// <summary>What a layer remembers of a sequence where that is not all its keys and values.</summary>
internal interface ILayerMemory : IDisposable
{
    /// <summary>Bytes it takes, whatever the length.</summary>
    long ByteCount { get; }

    /// <summary>A copy that goes its own way.</summary>
    ILayerMemory Fork();

    /// <summary>Whether the last positions can be forgotten.</summary>
    bool CanForget(int count);

    /// <summary>Forgets them.</summary>
    void Forget(int count);
}
