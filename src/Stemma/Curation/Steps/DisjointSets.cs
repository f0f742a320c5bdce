namespace Stemma.Curation;

/// <summary>Union–find: groups joined pair by pair, in all but constant time (Tarjan 1975). The first member stands for its group.</summary>
internal sealed class DisjointSets
{
    private readonly int[] _parents;

    public DisjointSets(int count)
    {
        _parents = new int[count];
        for (var i = 0; i < count; i++) _parents[i] = i;
    }

    /// <summary>The first member of an element's group.</summary>
    public int Find(int element)
    {
        while (_parents[element] != element) element = _parents[element] = _parents[_parents[element]];
        return element;
    }

    /// <summary>Makes one group of two.</summary>
    public void Join(int a, int b)
    {
        (a, b) = (Find(a), Find(b));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }
}
