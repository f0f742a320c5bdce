namespace Stemma.Numerics.Backends.Cpu;

/// <summary>A piece of work cut into items that may run in any order, on any thread of a <see cref="WorkerPool"/>.</summary>
/// <remarks>A struct, so that handing it to the pool allocates nothing. The pool runs one copy of it on every thread: it must not keep state in its own fields.</remarks>
internal interface IParallelWork
{
    /// <summary>Runs one item, 0 ≤ <paramref name="item"/> &lt; the item count given to the pool.</summary>
    public void Execute(int item);
}
