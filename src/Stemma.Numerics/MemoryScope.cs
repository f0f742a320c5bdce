namespace Stemma.Numerics;

/// <summary>Owns the tensors made on its thread between its creation and its disposal. Scopes nest.</summary>
public sealed class MemoryScope : IDisposable
{
    [ThreadStatic]
    private static MemoryScope? s_current;

    // A training step opens hundreds of scopes, one inside the other: their lists are used again.
    [ThreadStatic]
    private static Stack<List<Storage>>? s_lists;

    private readonly List<Storage> _owned = s_lists is { Count: > 0 } lists ? lists.Pop() : [];
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

    /// <summary>
    /// Returns what is still owned to the pool. What a tape still needs moves to the enclosing scope, without its memory where it is
    /// large and cheap to compute again from the rest of what the tape needs (norms, activation functions).
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        if (s_current != this) throw new InvalidOperationException("Scopes end in the reverse order of their beginning, on their own thread.");
        _disposed = true;
        s_current = _parent;
        Return();
        (s_lists ??= new()).Push(_owned);
    }

    /// <summary>What <see cref="Dispose"/> does with what is owned so far; the scope goes on.</summary>
    internal void Return()
    {
        foreach (var storage in _owned)
        {
            if (storage.Owner != this) continue;
            if (!storage.IsHeld)
            {
                storage.Release();
                continue;
            }
            if (storage.IsEvictable) storage.Evict();
            storage.MoveTo(_parent);
        }
        _owned.Clear();
    }

    internal void Add(Storage storage) => _owned.Add(storage);
}
