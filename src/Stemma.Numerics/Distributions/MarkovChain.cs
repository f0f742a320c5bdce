namespace Stemma.Numerics.Distributions;

/// <summary>States that follow one another, each by the one before alone. Markov 1913, on the letters of Eugene Onegin.</summary>
public sealed class MarkovChain
{
    private readonly Categorical[] _rows;

    /// <param name="transitions">For each state the weights of what follows it.</param>
    /// <exception cref="ArgumentException">Rows of another length than there are states.</exception>
    public MarkovChain(IReadOnlyList<double[]> transitions)
    {
        ArgumentNullException.ThrowIfNull(transitions);
        if (transitions.Count == 0 || transitions.Any(row => row.Length != transitions.Count)) throw new ArgumentException("Every state needs as many weights as there are states.", nameof(transitions));
        _rows = [.. transitions.Select(row => new Categorical(row))];
    }

    /// <summary>States.</summary>
    public int StateCount => _rows.Length;

    /// <summary>What follows a state.</summary>
    public Categorical this[int state] => _rows[state];

    /// <summary>
    /// The distribution that a step does not change, by taking steps from the uniform one. Half of the steps stay where they are, so that a
    /// chain that goes in circles gets there too. Of a chain of several closed parts it is one of many.
    /// </summary>
    /// <param name="tolerance">Stops when a step changes no more than this in all.</param>
    /// <param name="steps">The most steps.</param>
    /// <exception cref="InvalidOperationException">Not there after that many steps.</exception>
    public double[] Stationary(double tolerance = 1e-13, int steps = 1_000_000)
    {
        var p = Enumerable.Repeat(1.0 / StateCount, StateCount).ToArray();
        for (var step = 0; step < steps; step++)
        {
            var next = new double[StateCount];
            for (var i = 0; i < StateCount; i++)
            {
                next[i] += p[i] / 2;
                for (var j = 0; j < StateCount; j++) next[j] += p[i] / 2 * _rows[i].Probabilities[j];
            }
            var change = next.Zip(p, (a, b) => Math.Abs(a - b)).Sum();
            p = next;
            if (change <= tolerance) return p;
        }
        throw new InvalidOperationException($"The chain still changes after {steps} steps; give a larger tolerance or more steps.");
    }

    /// <summary>Σ π(i)·H(row i), in nats: how much each step tells, when all before it are known. Shannon 1948, theorem 5.</summary>
    public double EntropyRate() => Stationary().Select((p, i) => p * _rows[i].Entropy).Sum();

    /// <summary>A walk.</summary>
    /// <param name="start">The state before the first step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="random">Decides them.</param>
    public int[] Sample(int start, int steps, RandomStream random)
    {
        var states = new int[steps];
        for (var i = 0; i < steps; i++) start = states[i] = _rows[start].Sample(random, (ulong)i);
        return states;
    }
}
