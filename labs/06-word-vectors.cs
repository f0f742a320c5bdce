#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 06: a word is known by the company it keeps.
//
//     dotnet run -c Release labs/06-word-vectors.cs [folder] [documents]
//
// The .NET reference documentation is read twice. Once it is counted which words stand near each other more often than chance would
// have it (PMI), and the table is made small by a singular value decomposition. Once a net learns to tell true neighbours from drawn ones
// (word2vec, skip-gram). Nobody says what a word means; yet words that can stand in each other's place come to lie together, and both
// ways find much the same neighbours. The answer is a list of neighbours, how far both agree, and a map of words (SVG).
using Stemma.Models.Ppmi;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Text.Corpora.Words;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Interpretability;
using Stemma.Text.Corpora;

var folder = args.Length > 0 ? args[0] : "figures";
var documents = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
var corpus = WordCorpus.Read(Corpus.Open("dotnet-docs").Documents().Take(documents), new PlainWords(), minCount: 10);
Console.WriteLine($"{corpus.Tokens.Length:N0} words, {corpus.Vocabulary.Count:N0} different ones seen at least ten times\n");
var company = new Company(corpus, size: 64, seed: 1);
foreach (var word in (string[])["array", "thread", "width", "file", "first", "string"])
    Console.WriteLine($"{word,-14} counted: {string.Join(", ", Company.Near(company.Counted, word, 5)),-70} learned: {string.Join(", ", Company.Near(company.Learned, word, 5))}");
Console.WriteLine($"\nOf ten neighbours of a frequent word, {company.Agreement(200, 10):F1} are the same in both; of two drawn lists {company.Chance(10):F2} would be.");
var map = WordMap.Principal(company.Learned, [.. Enumerable.Range(40, 160)], 160);
map.SaveSvg(Path.Combine(folder, "word-vectors.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "word-vectors.svg")}");
#endif

/// <summary>Vectors of the same words from two readings of one text.</summary>
internal sealed class Company
{
    public Company(WordCorpus corpus, int size, ulong seed, int passes = 5, double subsample = 1e-3)
    {
        // Where two words stand close, they count more in either reading.
        Counted = new PpmiConfig { VectorSize = size, Window = 4 }.Train(corpus, seed);
        Learned = new Word2VecConfig { VectorSize = size, Window = 4, Passes = passes, Subsample = subsample }.Train(corpus, seed);
    }

    /// <summary>By counting, then a singular value decomposition.</summary>
    public WordVectors Counted { get; }

    /// <summary>By a net that predicts neighbours.</summary>
    public WordVectors Learned { get; }

    /// <summary>The words nearest to one.</summary>
    public static IEnumerable<string> Near(WordVectors vectors, string word, int count) =>
        vectors.Find(word) is >= 0 and var id ? vectors.Neighbours(id, count).Select(near => near.Word) : [];

    /// <summary>How many of a word's nearest words are the same in both, on average over the most frequent ones.</summary>
    public double Agreement(int words, int neighbours) => Enumerable.Range(0, Math.Min(words, Counted.Count)).Average(id =>
        Counted.Neighbours(id, neighbours).Select(near => near.Id).Intersect(Learned.Neighbours(id, neighbours).Select(near => near.Id)).Count());

    /// <summary>What the agreement would be if neighbours were drawn.</summary>
    public double Chance(int neighbours) => (double)neighbours * neighbours / (Counted.Count - 1);
}
