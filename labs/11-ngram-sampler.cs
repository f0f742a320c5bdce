#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 11: what a text looks like to somebody who sees a few letters of it.
//
//     dotnet run -c Release labs/11-ngram-sampler.cs [folder] [order]
//
// Shannon did it by hand in 1948: open a book anywhere, take a letter; open it elsewhere, look for that letter, take the one after it.
// The lab counts which letter follows which few letters in the .NET reference documentation, and draws text from the counts: from one
// letter at a time to seven. The more is seen, the more it reads like the original, and the less is left to chance: with long contexts
// most of what is asked was never counted, and without smoothing held-out text would be impossible. The answer is samples, and a figure
// (SVG): bits per character of held-out text by order, for plain counts, where the share they call impossible is told, and smoothed.
using Stemma;
using Stemma.Models;
using Stemma.Models.NGram;
using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Characters;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var highest = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 7;
var documents = Corpus.Open("dotnet-docs").Documents().Take(1500).ToList();
var (train, heldOut) = (documents.Where((_, i) => i % 20 != 0).ToList(), documents.Where((_, i) => i % 20 == 0).ToList());
var (plain, smooth) = (new List<ChartPoint>(), new List<ChartPoint>());
for (var order = 1; order <= highest; order++)
{
    using var counts = new LetterCounts(train, order, new MaximumLikelihood());
    using var smoothed = new LetterCounts(train, order, new ModifiedKneserNey());
    var (bits, impossible) = counts.Bits(heldOut);
    plain.Add((order, bits));
    smooth.Add((order, smoothed.Bits(heldOut).Bits));
    Console.WriteLine($"{order} {(order == 1 ? "letter " : "letters")}  \"{smoothed.Write("Gets ", 110, seed: (ulong)order).ReplaceLineEndings(" ")}\"");
    Console.WriteLine($"            held out: {smooth[^1].Y:F3} bits/character smoothed; counts alone: {bits:F3}, but {impossible:P2} of letters are impossible to them\n");
}
new Chart
{
    Title = "How much a letter says about the next",
    Subtitle = "Held-out .NET documentation; plain counts are scored where they give any chance at all",
    X = new LinearAxis("order: letters seen, the predicted one among them"),
    Y = new LinearAxis("bits per character"),
    Series = [new LineSeries("counts alone, impossible letters left out", plain) { IsDashed = true }, new LineSeries("modified Kneser–Ney, every letter", smooth)],
}.SaveSvg(Path.Combine(folder, "ngram-sampler.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "ngram-sampler.svg")}");
#endif

/// <summary>A model of letters by counts, its file in a folder of its own that goes when it goes.</summary>
internal sealed class LetterCounts : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly LanguageModel _model;

    public LetterCounts(IReadOnlyList<Document> documents, int order, Smoothing smoothing)
    {
        var tokenizer = new CharacterTrainer { ByteFallback = true }.Train(documents.Select(document => document.Text));
        var config = new NGramConfig { Order = order, Smoothing = smoothing };
        using (var table = new NGramTrainer { Model = config }.Train(documents, tokenizer)) NGramCheckpoint.Save(_folder, config, table, tokenizer.Hash);
        _model = new(ModelFolder.Open(_folder, Device.Cpu), tokenizer);
    }

    /// <summary>Draws letters after a prompt.</summary>
    public string Write(string prompt, int letters, ulong seed) =>
        prompt + string.Concat(_model.Generate(prompt, new() { MaxTokens = letters, Seed = seed, StopAtEndOfText = false }));

    /// <summary>Bits of each letter that is possible, and the share of those that are not.</summary>
    public (double Bits, double Impossible) Bits(IEnumerable<Document> documents)
    {
        var (nats, possible, all) = (0.0, 0L, 0L);
        foreach (var document in documents)
        {
            var ids = _model.Tokenizer.Encode(document.Text);
            using var state = _model.Model.Start();
            var scores = new double[ids.Length];
            _model.Model.Score(state, ids, scores);
            foreach (var score in scores)
            {
                all++;
                if (double.IsNegativeInfinity(score)) continue;
                nats -= score;
                possible++;
            }
        }
        return (nats / Math.Log(2) / possible, 1 - (double)possible / all);
    }

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
