using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

/// <summary>Rows sorted into clusters within which they attend.</summary>
/// <param name="Queries">Every query's row once, cluster after cluster, each in the order of positions.</param>
/// <param name="Keys">Every key's row once, likewise.</param>
/// <param name="Layout">Where clusters begin and end. The last keys of a cluster are its queries.</param>
public sealed record Clustering(int[] Queries, int[] Keys, SequenceLayout Layout);

public static partial class TensorOps
{
    /// <summary>
    /// Attention within clusters, of several clusterings joined in one softmax: a key that shares a query's cluster in several of them counts as
    /// often. Costs the clusters' pairs within the window, not the square of the rows. Kitaev et al. 2020 (Reformer), arXiv:2001.04451, section 2.
    /// </summary>
    /// <param name="queries">[queries, size].</param>
    /// <param name="keys">[keys, size].</param>
    /// <param name="values">[keys, size].</param>
    /// <param name="clusterings">At least one; in each, a query sees a key.</param>
    /// <param name="window">Which keys a query sees, counted in places of its cluster.</param>
    /// <param name="scale">Multiplies the scores; 1/√size when null.</param>
    /// <param name="selfPenalty">Taken off a query's score for its own place, so that it reads itself only where there is nothing else.</param>
    /// <returns>[queries, size].</returns>
    /// <exception cref="ArgumentException">Shapes and clusterings do not fit each other.</exception>
    public static Tensor ClusteredAttention(
        Tensor queries, Tensor keys, Tensor values, IReadOnlyList<Clustering> clusterings, AttentionWindow window, double? scale = null, double selfPenalty = 0)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(clusterings);
        (queries, keys, values) = (queries.ForCompute().Contiguous(), keys.ForCompute().Contiguous(), values.ForCompute().Contiguous());
        if (queries.Rank != 2 || keys.Shape != values.Shape || keys.Rank != 2 || keys.Shape[1] != queries.Shape[1]) throw new ArgumentException($"Queries {queries.Shape} do not fit keys {keys.Shape} and values {values.Shape}: all are [rows, size], keys and values alike.");
        if (clusterings.Count == 0 || clusterings.Any(c => c.Queries.Length != queries.Shape[0] || c.Keys.Length != keys.Shape[0]))
            throw new ArgumentException($"Each clustering sorts all {queries.Shape[0]} queries and {keys.Shape[0]} keys.", nameof(clusterings));
        var clustered = new ClusteredArguments(clusterings, window, scale ?? 1 / Math.Sqrt(queries.Shape[1]), selfPenalty);
        if (Tape.IsHigherOrder) return clustered.Composed(queries, keys, values);
        var (y, logSumExp) = clustered.Forward(queries, keys, values);
        return Tape.Record(y, [queries, keys, values], [queries, keys, values, y, logSumExp], dy => clustered.Backward(queries, keys, values, y, logSumExp, dy.Contiguous()));
    }

    /// <summary>How rows are clustered, and what is done within a cluster.</summary>
    private sealed record ClusteredArguments(IReadOnlyList<Clustering> Clusterings, AttentionWindow Window, double Scale, double SelfPenalty)
    {
        public (Tensor Y, Tensor LogSumExp) Forward(Tensor queries, Tensor keys, Tensor values)
        {
            using var pause = Tape.Pause();
            using var scope = Memory.Scope();
            var parts = new (Tensor Y, Tensor LogSumExp)[Clusterings.Count];
            for (var i = 0; i < parts.Length; i++)
            {
                var (y, logSumExp) = Attend(Arguments(Clusterings[i], queries, keys, values));
                var back = Ids(Inverse(Clusterings[i].Queries), queries.Device);
                parts[i] = (y.Reshape(queries.Shape).Gather(back), logSumExp.Gather(back));
            }
            if (parts.Length == 1) return (scope.Keep(parts[0].Y), scope.Keep(parts[0].LogSumExp));
            // One softmax over all: each part weighs as much as the sum that it was divided by.
            var all = Concatenate(-1, [.. parts.Select(part => part.LogSumExp)]).LogSumExp().Reshape([queries.Shape[0], 1]);
            var sum = parts[0].Y * (parts[0].LogSumExp - all).Exp();
            foreach (var (y, logSumExp) in parts[1..]) sum += y * (logSumExp - all).Exp();
            return (scope.Keep(sum), scope.Keep(all));
        }

        /// <summary>The kernel's gradient needs the output and the log-sum-exp of the whole softmax, whatever part of the keys it is given.</summary>
        public Tensor?[] Backward(Tensor queries, Tensor keys, Tensor values, Tensor y, Tensor logSumExp, Tensor dy)
        {
            using var scope = Memory.Scope();
            Tensor? dq = null, dk = null, dv = null;
            foreach (var clustering in Clusterings)
            {
                var arguments = Arguments(clustering, queries, keys, values);
                var ids = Ids(clustering.Queries, queries.Device);
                var (dqs, dks, dvs) = (Like(arguments.Queries), Like(arguments.Keys), Like(arguments.Values));
                queries.Device.Backend.AttentionGradient(arguments, Rows(y, ids), logSumExp.Gather(ids), Rows(dy, ids), dqs, dks, dvs, null);
                var (queryBack, keyBack) = (Ids(Inverse(clustering.Queries), queries.Device), Ids(Inverse(clustering.Keys), keys.Device));
                dq = Sum(dq, dqs.Reshape(queries.Shape).Gather(queryBack));
                dk = Sum(dk, dks.Reshape(keys.Shape).Gather(keyBack));
                dv = Sum(dv, dvs.Reshape(values.Shape).Gather(keyBack));
            }
            return [scope.Keep(dq!), scope.Keep(dk!), scope.Keep(dv!)];

            static Tensor Sum(Tensor? sum, Tensor x) => sum is null ? x : sum + x;
            static Tensor Like(Tensor x) => Tensor.Empty(x.Shape, x.DType, x.Device);
        }

        /// <summary>The same over all pairs: how often each counts, as a logarithm beside its score.</summary>
        public Tensor Composed(Tensor queries, Tensor keys, Tensor values)
        {
            var (rows, columns) = (queries.Shape[0], keys.Shape[0]);
            var counts = new double[rows * columns];
            var self = new bool[rows * columns];
            foreach (var (order, keyOrder, layout) in Clusterings)
            {
                for (var c = 0; c < layout.Count; c++)
                {
                    for (var i = layout.QueryOffsets[c]; i < layout.QueryOffsets[c + 1]; i++)
                    {
                        for (var j = layout.KeyOffsets[c]; j < layout.KeyOffsets[c + 1]; j++)
                        {
                            if (!Window.Sees(layout.Positions[i], j - layout.KeyOffsets[c])) continue;
                            counts[order[i] * columns + keyOrder[j]]++;
                            self[order[i] * columns + keyOrder[j]] |= layout.Positions[i] == j - layout.KeyOffsets[c];
                        }
                    }
                }
            }
            var shift = counts.Select((count, i) => count == 0 ? -1e30 : Math.Log(count) - (self[i] ? SelfPenalty : 0)).ToArray();
            return (queries.MatMul(keys.Transposed) * Scale + Tensor.From(shift, [rows, columns], queries.Device).Cast(queries.DType)).Softmax().MatMul(values);
        }

        private AttentionArguments Arguments(Clustering clustering, Tensor queries, Tensor keys, Tensor values)
        {
            var (queryIds, keyIds) = (Ids(clustering.Queries, queries.Device), Ids(clustering.Keys, keys.Device));
            var scores = SelfPenalty == 0 ? null : new ScoreDescription { Bias = new(Tensor.From([0, -SelfPenalty, 0], [1, 3], queries.Device).Cast(queries.DType), -1) };
            return new(Rows(queries, queryIds), Rows(keys, keyIds), Rows(values, keyIds), clustering.Layout, Window, Scale, 0, default, scores);
        }

        /// <summary>Chosen rows, as those of one head.</summary>
        private static Tensor Rows(Tensor x, Tensor ids) => x.Gather(ids).Reshape([ids.Shape[0], 1, x.Shape[1]]);

        private static Tensor Ids(int[] ids, Device device) => Tensor.From(ids, [ids.Length], device);

        private static int[] Inverse(int[] order)
        {
            var inverse = new int[order.Length];
            for (var i = 0; i < order.Length; i++) inverse[order[i]] = i;
            return inverse;
        }
    }
}
