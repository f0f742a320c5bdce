namespace Stemma.Numerics;

/// <summary>
/// A block of native memory and its owner. A storage belongs to a <see cref="MemoryScope"/>, which returns it to the pool,
/// or to the garbage collector when it was made outside any scope.
/// </summary>
internal sealed unsafe class Storage
{
    // Below this the memory that recomputing saves is not worth its time.
    private const long WorthRecomputing = 4 << 20;

    private readonly nuint _capacity;
    private IRecomputation? _recomputation;
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

    /// <summary>Whether this block holds a weight: few writers, many readers. Only what a weight's writers announce by <see cref="Change"/> is noticed.</summary>
    public bool IsWeight { get; set; }

    /// <summary>What a backend made from a weight's contents, to use again while they stay as they are.</summary>
    public object? Derived { get; set; }

    public bool IsHeld => _holds > 0;

    /// <summary>How many still need this block.</summary>
    public int HoldCount => _holds;

    /// <summary>Whether nobody but the tape looks at this block any more, so that its last <see cref="Unhold"/> returns it to the pool.</summary>
    public bool IsTransient { get; set; }

    /// <summary>Whether <see cref="Evict"/> gives the memory back for now: the contents can be computed again, and are worth it.</summary>
    public bool IsEvictable => _recomputation is not null && _pointer is not null && Bytes >= WorthRecomputing;

    /// <exception cref="ObjectDisposedException">The block went back to the pool.</exception>
    public void* Pointer
    {
        get
        {
            if (_pointer is null) Restore();
            return _pointer;
        }
    }

    /// <summary>Says that the contents change, or may from now on.</summary>
    public void Change() => Derived = null;

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
        if (_pointer is null && _recomputation is null) return;
        if (Owner is not null && owner is null)
        {
            GC.ReRegisterForFinalize(this);
            GC.AddMemoryPressure((long)_capacity);
        }
        Owner = owner;
        owner?.Add(this);
    }

    /// <summary>Says how the contents can be computed again, from what the tape holds for as long as it holds this block.</summary>
    public void MakeEvictable(IRecomputation recomputation) => _recomputation = recomputation;

    /// <summary>Returns the memory to the pool until somebody looks at the contents again, who then waits for them to be recomputed.</summary>
    public void Evict()
    {
        MemoryPool.Return(_pointer, _capacity);
        _pointer = null;
    }

    /// <summary>Takes memory for contents that were given up, where they were: the caller writes them now.</summary>
    public bool TryRefill()
    {
        if (_pointer is not null || _recomputation is null) return false;
        _pointer = MemoryPool.Rent((nuint)Bytes, out _);
        return true;
    }

    /// <summary>Returns the block to the pool; any later use throws.</summary>
    public void Release()
    {
        _recomputation = null;
        if (_pointer is null) return;
        if (Owner is null)
        {
            GC.SuppressFinalize(this);
            GC.RemoveMemoryPressure((long)_capacity);
        }
        MemoryPool.Return(_pointer, _capacity);
        _pointer = null;
    }

    private void Restore()
    {
        if (_recomputation is not { } recomputation)
            throw new ObjectDisposedException(nameof(Tensor), "This tensor's memory went back to the pool when its step or scope ended (or when Backward had used it). Keep(tensor) lets one out.");
        TryRefill();
        recomputation.Recompute();
    }
}
