using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>
/// Drops documents that share runs of words with evaluation sets, so that what is measured later was not learned by heart (Brown et al.
/// 2020, appendix C: runs of 13 words).
/// </summary>
public sealed record ContaminationStep : LocalStep
{
    /// <summary>The evaluation sets.</summary>
    public IReadOnlyList<RecipeInput> Sets { get; init; } = [];

    /// <summary>Words of a run; texts of the sets that are shorter are not looked for.</summary>
    public int Words { get; init; } = 13;

    /// <summary>Runs that a document must share to be dropped.</summary>
    public int Runs { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "contamination";

    internal override bool NeedsPreparation => true;

    internal override void Validate(string field)
    {
        if (Sets.Count == 0) throw new ConfigurationException($"{field}.sets is empty; it lists evaluation sets as inputs does.");
        if (Words is < 5 or > 100) throw new ConfigurationException($"{field}.words is {Words}; it lies from 5 to 100.");
        Check.Positive(Runs, $"{field}.runs");
        for (var i = 0; i < Sets.Count; i++)
        {
            Sets[i].Validate($"{field}.sets[{i}]");
            if (Sets[i].Weight is not null || Sets[i].Epochs is not null) throw new ConfigurationException($"{field}.sets[{i}] has a weight or epochs; an evaluation set is looked for, not mixed in.");
        }
    }

    internal override void Prepare(string path, StepContext context)
    {
        var runs = new SortedSet<ulong>();
        List<Curation.Words.Word> words = [];
        foreach (var set in Sets)
            foreach (var file in InputFiles.Of(set))
                foreach (var document in file.Read(new ReadLog()))
                {
                    context.Cancellation.ThrowIfCancellationRequested();
                    Curation.Words.Of(document.Text, words);
                    runs.UnionWith(WordRuns.Hashes(words, Words));
                }

        if (runs.Count == 0) throw new ConfigurationException($"The evaluation sets of the step contamination hold no text of {Words} words; lower its words, or name other sets.");
        Numerics.Formats.AtomicFile.Write(path, stream => stream.Write(MemoryMarshal.AsBytes<ulong>(runs.ToArray())));
    }

    internal override DocumentFilter Build(string prepared) => new Filter([.. MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(prepared))], Words, Runs);

    private sealed class Filter(HashSet<ulong> runs, int length, int least) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            List<Curation.Words.Word> words = [];
            Curation.Words.Of(document.Text, words);
            var shared = WordRuns.Hashes(words, length).Count(runs.Contains);
            if (shared > 0) counts.Add("shared runs", shared);
            return shared >= least ? "shares runs with an evaluation set" : null;
        }
    }
}
