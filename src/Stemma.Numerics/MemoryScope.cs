namespace Stemma.Numerics;

/// <summary>Owns the tensors made on its thread between its creation and its disposal. Scopes nest.</summary>
public sealed class MemoryScope : IDisposable
{
    [ThreadStatic]
    private static MemoryScope? s_current;

    private readonly List<Storage> _owned = [];
    private readonly MemoryScope? _parent = s_current;
    private bool _disposed;

    internal MemoryScope() => s_current = this;

    internal static MemoryScope? Current
    {
        get => s_current;
        set => s_current = value;
    }

    /// <summary>Lets a tensor of this scope, or of one inside it, out: the enclosing scope owns it from now on, or the garbage collector where there is none.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var storage = tensor.Storage;
        storage.IsTransient = false;
        for (var owner = storage.Owner; owner is not null; owner = owner._parent)
        {
            if (owner != this) continue;
            storage.MoveTo(_parent);
            break;
        }
        return tensor;
    }

    /// <summary>Returns what is still owned to the pool. What a tape still needs moves to the enclosing scope.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        if (s_current != this) throw new InvalidOperationException("Scopes end in the reverse order of their beginning, on their own thread.");
        _disposed = true;
        s_current = _parent;
        foreach (var storage in _owned)
        {
            if (storage.Owner != this) continue;
            if (storage.IsHeld) storage.MoveTo(_parent);
            else storage.Release();
        }
        _owned.Clear();
    }

    internal void Add(Storage storage) => _owned.Add(storage);
}
