using Stemma.Numerics.Formats;

namespace Stemma.Curation;

/// <summary>
/// The passes of a build over the documents: one for the steps up to the first that has to see all documents, and one more for each such step. A part that is done
/// is not done again.
/// </summary>
internal sealed class CurationPasses(BuildFolder build)
{
    private readonly BuildFolder _build = build;

    /// <summary>Runs what is not done yet.</summary>
    /// <param name="files">The inputs' files.</param>
    /// <param name="inputs">The same, with their hashes.</param>
    /// <param name="prepared">What steps have prepared.</param>
    public PassResults Run(List<(int, InputFile)> files, List<InputArtefact> inputs, List<Artefact> prepared)
    {
        List<PassArtefact> passes = [];
        var steps = _build.Recipe.Steps.Select(step => new StepReport { Kind = step.Kind }).ToArray();
        var reading = _build.Recipe.Inputs.Select((_, i) => new ReadingReport { Input = i }).ToList();
        var (parts, first) = (0, 0);
        List<string> before = [];
        for (var pass = 0; ; pass++)
        {
            var (filters, decision) = (new List<(int, string, DocumentFilter)>(), default(string));
            var next = first;
            if (pass > 0)
            {
                var global = (GlobalStep)_build.Recipe.Steps[first];
                decision = Decide(pass, global, parts);
                filters.Add((first, global.Kind, global.Build().Open(decision)));
                next++;
            }

            for (; next < _build.Recipe.Steps.Count && _build.Recipe.Steps[next] is LocalStep local; next++) filters.Add((next, local.Kind, local.Build(_build.In(_build.Prepared(next)))));
            var notes = next < _build.Recipe.Steps.Count ? ((GlobalStep)_build.Recipe.Steps[next]).Build() : null;
            var work = new PartWork(filters, notes, _build.Recipe.Inputs.Count, _build.Recipe.Seed) { Dropped = _build.Options.Dropped };
            if (pass == 0) parts = Read(files, work);
            else Refine(pass, work, before, parts);
            // Of a part's report only the hash is kept: with their samples, the reports of a long stream would fill the memory.
            var (hashes, documents, bytes) = (new List<string>(parts), 0L, 0L);
            for (var part = 0; part < parts; part++)
            {
                var report = PartWork.Report(_build.Part(pass, part));
                foreach (var (i, step) in report.Steps.Index()) steps[filters[i].Item1] = steps[filters[i].Item1].Plus(step);
                foreach (var read in report.Reading) reading[read.Input] = reading[read.Input].Plus(read);
                hashes.Add(report.Sha256);
                documents += report.Documents;
                bytes += report.Bytes.Sum();
            }

            var decided = decision is null ? null : BuildFolder.HashOf(decision);
            passes.Add(new()
            {
                Steps = [.. filters.Select(filter => filter.Item2)],
                Documents = documents,
                Bytes = bytes,
                Parts = hashes,
                Decision = decided,
                Sha256 = BuildFolder.HashOfAll([decided ?? "", .. hashes]),
                From = pass > 0 ? [passes[^1].Sha256] : [.. inputs.Select(input => input.Sha256), .. prepared.Select(made => made.Sha256)],
            });
            // A pass that is whole needs the one before no more.
            if (!_build.Options.KeepWork && pass > 0) DropDocuments(pass - 1, parts);
            before = hashes;
            if (notes is null) return new(passes, steps, reading, parts);
            first = next;
        }
    }

    private int Read(List<(int, InputFile)> files, PartWork work)
    {
        Directory.CreateDirectory(_build.Work("00"));
        var whole = Path.Combine(_build.Work("00"), "whole");
        if (File.Exists(whole)) return int.Parse(File.ReadAllText(whole), System.Globalization.CultureInfo.InvariantCulture);
        var pass = new ReadingPass(files, _build.Recipe.Steps.Any(step => step is HtmlTextStep), _build.Recipe.Shards.PartBytes, _build.Recipe.Inputs.Count);
        var parts = pass.Run(part => _build.Part(0, part), work, _build.Options.Threads, _build.Options.Progress, _build.Cancellation);
        AtomicFile.WriteText(whole, $"{parts}");
        return parts;
    }

    private void Refine(int pass, PartWork work, List<string> before, int parts)
    {
        Directory.CreateDirectory(_build.Work($"{pass:00}"));
        var done = 0;
        Parallel.For(0, parts, _build.Parallelism, part =>
        {
            if (!PartWork.IsDone(_build.Part(pass, part)))
                work.Run(DocumentFile.Read(_build.Part(pass - 1, part), part, before[part]), _build.Part(pass, part), part, new(), _build.Cancellation);
            _build.Report(new($"Pass {pass + 1}", (double)Interlocked.Increment(ref done) / parts, done));
        });
    }

    private string Decide(int pass, GlobalStep step, int parts)
    {
        var path = Path.Combine(_build.Work($"{pass:00}"), "decision");
        if (File.Exists(path)) return path;
        _build.Report(new($"Deciding {step.Kind}", double.NaN));
        var notes = Enumerable.Range(0, parts).Select(part => PartWork.NotesOf(_build.Part(pass - 1, part))).ToList();
        AtomicFile.Write(path, stream => step.Build().Decide(notes, stream, new(_build.Options.Threads, _build.Options.MemoryBytes), _build.Cancellation));
        return path;
    }

    private void DropDocuments(int pass, int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            File.Delete(_build.Part(pass, part));
            File.Delete(PartWork.NotesOf(_build.Part(pass, part)));
        }
    }
}
