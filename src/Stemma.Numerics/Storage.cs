namespace Stemma.Numerics;

/// <summary>
/// A block of native memory and its owner. A storage belongs to a <see cref="MemoryScope"/>, which returns it to the pool,
/// or to the garbage collector when it was made outside any scope.
/// </summary>
internal sealed unsafe class Storage
{
    private readonly nuint _capacity;
    private void* _pointer;
    private int _holds;

    public Storage(long bytes)
    {
        Bytes = bytes;
        _pointer = MemoryPool.Rent((nuint)bytes, out _capacity);
        Owner = MemoryScope.Current;
        if (Owner is null) GC.AddMemoryPressure((long)_capacity);
        else
        {
            GC.SuppressFinalize(this);
            Owner.Add(this);
        }
    }

    ~Storage()
    {
        if (_pointer is null) return;
        GC.RemoveMemoryPressure((long)_capacity);
        MemoryPool.Return(_pointer, _capacity);
    }

    public long Bytes { get; }

    /// <summary>The scope that will return this block; null when the garbage collector owns it.</summary>
    public MemoryScope? Owner { get; private set; }

    public bool IsHeld => _holds > 0;

    /// <summary>Whether nobody but the tape looks at this block any more, so that its last <see cref="Unhold"/> returns it to the pool.</summary>
    public bool IsTransient { get; set; }

    /// <exception cref="ObjectDisposedException">The block went back to the pool.</exception>
    public void* Pointer => _pointer is not null
        ? _pointer
        : throw new ObjectDisposedException(nameof(Tensor), "This tensor's memory went back to the pool when its step or scope ended (or when Backward had used it). Keep(tensor) lets one out.");

    /// <summary>Keeps the block alive past its scope, until the matching <see cref="Unhold"/>.</summary>
    public void Hold() => _holds++;

    /// <summary>Undoes one <see cref="Hold"/>; the last one returns a scope's block to the pool at once where it is <see cref="IsTransient"/>.</summary>
    public void Unhold()
    {
        _holds--;
        ReleaseUnheld();
    }

    /// <summary>Returns a scope's block to the pool where it is <see cref="IsTransient"/> and nobody holds it.</summary>
    public void ReleaseUnheld()
    {
        if (_holds == 0 && IsTransient && Owner is not null) Release();
    }

    /// <summary>Hands the block to another owner; null is the garbage collector.</summary>
    public void MoveTo(MemoryScope? owner)
    {
        if (_pointer is null) return;
        if (Owner is not null && owner is null)
        {
            GC.ReRegisterForFinalize(this);
            GC.AddMemoryPressure((long)_capacity);
        }
        Owner = owner;
        owner?.Add(this);
    }

    /// <summary>Returns the block to the pool; any later use throws.</summary>
    public void Release()
    {
        if (_pointer is null) return;
        if (Owner is null)
        {
            GC.SuppressFinalize(this);
            GC.RemoveMemoryPressure((long)_capacity);
        }
        MemoryPool.Return(_pointer, _capacity);
        _pointer = null;
    }
}
