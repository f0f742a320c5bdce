namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Working memory of one operation, from the tensors' pool.</summary>
internal readonly unsafe struct PooledBuffer<T> : IDisposable where T : unmanaged
{
    private readonly nuint _capacity;

    public PooledBuffer(long count) => Pointer = (T*)MemoryPool.Rent((nuint)(Math.Max(count, 1) * sizeof(T)), out _capacity);

    public T* Pointer { get; }

    public void Dispose() => MemoryPool.Return(Pointer, _capacity);
}
