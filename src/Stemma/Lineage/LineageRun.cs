using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>All that decides a lineage, but for how fast the machine is. Saved as <c>lineage.json</c>.</summary>
public sealed record LineageRun
{
    /// <summary>The text.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>How text becomes tokens: the same ones for every rung.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>The names of the rungs; all when empty.</summary>
    public IReadOnlyList<string> Rungs { get; init; } = [];

    /// <summary>Seconds that each trained rung may take, from reading the text to its evaluation: turned once into a number of steps, which its <c>run.json</c> keeps. Null with <see cref="BudgetFlops"/>.</summary>
    public double? BudgetSeconds { get; init; } = 60;

    /// <summary>Floating-point operations that each trained rung may take: exact, and the same on every machine. Null with <see cref="BudgetSeconds"/>.</summary>
    public double? BudgetFlops { get; init; }

    /// <summary>Seeds weights, batches, samples and the tests of abilities.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>What every rung continues; the beginning of the held-out text when empty.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The rungs by their names.</summary>
    /// <exception cref="ConfigurationException">There is none of a name.</exception>
    public IReadOnlyList<Rung> Selected()
    {
        var known = Lineage.Rungs.All.Select(rung => rung.Name).ToArray();
        foreach (var name in Rungs)
            if (!known.Contains(name)) throw new ConfigurationException($"There is no rung {name}.{NearestName.Suggestion(name, known)} Rungs: {string.Join(", ", known)}.");
        return [.. Lineage.Rungs.All.Where(rung => Rungs.Count == 0 || Rungs.Contains(rung.Name))];
    }

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        if (BudgetSeconds is null == BudgetFlops is null) throw new ConfigurationException("A lineage has a budget of seconds or of operations; give one of them.");
        if (BudgetSeconds is { } seconds && !(seconds > 0 && double.IsFinite(seconds))) throw new ConfigurationException($"The budget is {seconds} seconds; it must be above 0.");
        if (BudgetFlops is { } flops && !(flops > 0 && double.IsFinite(flops))) throw new ConfigurationException($"The budget is {flops} operations; it must be above 0.");
        if (Data.ValidationFraction is not (> 0 and < 1)) throw new ConfigurationException($"data.validation_fraction is {Data.ValidationFraction}; it lies between 0 and 1.");
        Selected();
    }
}
