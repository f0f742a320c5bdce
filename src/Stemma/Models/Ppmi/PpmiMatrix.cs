using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Models.Ppmi;

/// <summary>Positive pointwise mutual information: how much more often two words stand together than by chance, 0 where not more. Church and Hanks 1990; Bullinaria and Levy 2007.</summary>
public static class PpmiMatrix
{
    /// <summary>max(0, ln [p(w, c) / (p(w) p_α(c))] − ln k) for each pair, in nats; p_α takes counts to the power α.</summary>
    /// <param name="counts">[words, contexts], not negative.</param>
    /// <param name="contextPower">α: below 1, rare contexts weigh less. Levy, Goldberg and Dagan 2015.</param>
    /// <param name="shift">k ≥ 1: as if k words were drawn against each. Levy and Goldberg 2014.</param>
    public static SparseMatrix Of(SparseMatrix counts, double contextPower = 1, double shift = 1)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var (words, contexts) = (new double[counts.Rows], new double[counts.Columns]);
        for (var row = 0; row < counts.Rows; row++)
        {
            var (columns, values) = (counts.ColumnsOf(row).ToArray(), counts.ValuesOf(row).ToArray());
            for (var i = 0; i < columns.Length; i++)
            {
                words[row] += values[i];
                contexts[columns[i]] += values[i];
            }
        }
        var powers = Array.ConvertAll(contexts, count => count > 0 ? Math.Pow(count, contextPower) : 0);
        var total = powers.Sum();
        var rows = new (int[], float[])[counts.Rows];
        Parallel.For(0, counts.Rows, row =>
        {
            var (columns, values) = (new List<int>(), new List<float>());
            for (var i = 0; i < counts.ColumnsOf(row).Length; i++)
            {
                var column = counts.ColumnsOf(row)[i];
                var information = Math.Log(counts.ValuesOf(row)[i] * total / (words[row] * powers[column])) - Math.Log(shift);
                if (!(information > 0)) continue;
                columns.Add(column);
                values.Add((float)information);
            }
            rows[row] = ([.. columns], [.. values]);
        });
        return new(counts.Columns, rows);
    }
}
