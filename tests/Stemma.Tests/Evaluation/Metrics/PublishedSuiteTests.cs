using System.Globalization;
using Stemma.Evaluation.Metrics;
using Stemma.Evaluation.Metrics.Translation;
using Xunit;

namespace Stemma.Tests.Evaluation.Metrics;

/// <summary>
/// The values that the original packages assert in their own tests: sacreBLEU's for BLEU, chrF and TER, Google's rouge-score (runs of
/// ROUGE-1.5.5), jiwer's (Morris et al. 2004) and seqeval's.
/// </summary>
public sealed class PublishedSuiteTests
{
    private static readonly string[] s_bitten = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    private static readonly string[][] s_bittenReferences =
    [
        ["The dog bit the man.", "The dog had bit the man."],
        ["It was not unexpected.", "No one was surprised."],
        ["The man bit him first.", "The man had bitten the dog."],
    ];

    [Theory]
    [InlineData(BleuTokenizer.Mteval13a, BleuSmoothing.Exponential, 48.530827)]
    [InlineData(BleuTokenizer.None, BleuSmoothing.Exponential, 49.1919566)]
    [InlineData(BleuTokenizer.International, BleuSmoothing.Exponential, 43.91623493)]
    [InlineData(BleuTokenizer.Mteval13a, BleuSmoothing.None, 48.530827)]
    public void Bleu_of_the_bitten_man(BleuTokenizer tokenizer, BleuSmoothing smoothing, double score)
    {
        var bleu = new Bleu { Tokenizer = tokenizer, Smoothing = smoothing };
        Assert.Equal(score, bleu.Score(s_bitten, s_bittenReferences), 1e-6);
        Assert.Equal(0, bleu.Score(["", "", ""], s_bittenReferences));
    }

    [Theory]
    [InlineData(1, 77.65)]
    [InlineData(2, 60.50)]
    [InlineData(3, 53.93)]
    [InlineData(4, 48.53)]
    [InlineData(5, 46.14)]
    [InlineData(6, 43.28)]
    public void Bleu_of_other_orders(int order, double score) => Assert.Equal(score, new Bleu { Order = order }.Score(s_bitten, s_bittenReferences), 0.005);

    [Theory]
    [InlineData("this is a test", "this is a test", 0.01, 1.0)]
    [InlineData("this is a fest", "this is a test", 0.01, 0.223606797749979)]
    [InlineData("test", "a test", 0.01, 0.3678794411714425)]
    [InlineData("a test", "a test", 0.01, 1.0)]
    [InlineData("a little test", "a test", 0.01, 0.03218297948685433)]
    [InlineData("am I am a character sequence", "I am a symbol string sequence a a", 0.0, 0.0)]
    [InlineData("am I am a character sequence", "I am a symbol string sequence a a", 0.1, 0.1555722182)]
    public void Bleu_of_raw_words(string hypothesis, string reference, double floor, double score)
    {
        var bleu = new Bleu { Tokenizer = BleuTokenizer.None, Smoothing = BleuSmoothing.Floor, SmoothingValue = floor, EffectiveOrder = true };
        Assert.Equal(score, bleu.Score(hypothesis, reference) / 100, 1e-8);
    }

    [Fact]
    public void Bleu_of_given_counts()
    {
        // The lengths, then matches and n-grams by order.
        Assert.Equal(0.8375922397, new Bleu().Score([11, 11, 9, 7, 5, 3, 10, 8, 6, 4]) / 100, 1e-8);
        double[][] degenerate = [[0, 1, 0, 0, 0, 0, 4, 4, 2, 1], [14, 10, 0, 0, 0, 0, 10, 11, 12, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [6, 6, 6, 5, 4, 0, 6, 5, 4, 3]];
        Assert.All(degenerate, counts => Assert.Equal(0, new Bleu { Smoothing = BleuSmoothing.Floor, SmoothingValue = 0 }.Score(counts)));
        var counts = new double[10];
        new Bleu { Tokenizer = BleuTokenizer.None }.Count("am I am a character sequence", ["I am a symbol string sequence a a"], counts);
        Assert.Equal([6, 8, 4, 2, 1, 0, 6, 5, 4, 3], counts);
    }

    [Theory]
    [InlineData("abcdefg", "hijklmnop", 0.0)]
    [InlineData("a", "b", 0.0)]
    [InlineData("", "b", 0.0)]
    [InlineData("", "reference", 0.0)]
    [InlineData("aa", "ab", 8.3333)]
    [InlineData("a", "a", 16.6667)]
    [InlineData("a b c", "a b c", 50.0)]
    [InlineData("a b c", "abc", 50.0)]
    [InlineData(" risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .", "risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .", 63.361730)]
    [InlineData(" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ", "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.", 64.1302698)]
    [InlineData("Niemand hat die Absicht, eine Mauer zu errichten", "Niemand hat die Absicht, eine Mauer zu errichten", 100.0)]
    public void Chrf_with_almost_nothing_for_missing_orders(string hypothesis, string reference, double score) =>
        Assert.Equal(score, new CharacterFScore { Beta = 3, EpsilonSmoothing = true }.Score(hypothesis, reference), 1e-4);

    [Theory]
    [InlineData("a", "a", 100.0)]
    [InlineData("", "reference", 0.0)]
    [InlineData("a b c", "abc", 100.0)]
    [InlineData("aa", "ab", 25.0)]
    public void Chrf_of_the_orders_that_are_there(string hypothesis, string reference, double score) =>
        Assert.Equal(score, new CharacterFScore { Beta = 3 }.Score(hypothesis, reference), 1e-4);

    [Fact]
    public void Chrf_of_two_segments()
    {
        Assert.Equal(8.3333, new CharacterFScore { Beta = 3, EpsilonSmoothing = true }.Score(["a", "b"], [["a"], ["c"]]), 1e-4);
        Assert.Equal(50, new CharacterFScore { Beta = 3 }.Score(["a", "b"], [["a"], ["c"]]), 1e-4);
    }

    [Theory]
    [InlineData("Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.", "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.", 67.3481606)]
    [InlineData("risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .", "risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .", 65.2414427)]
    public void Chrf_with_white_space(string hypothesis, string reference, double score) =>
        Assert.Equal(score, new CharacterFScore { Beta = 3, WhiteSpace = true }.Score(hypothesis, reference), 1e-4);

    [Theory]
    [InlineData("Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře.", "Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře.", 39.14078509)]
    [InlineData("Nebo prostě nemají vybavení, které by jim pomohlo, uvedli lékaři.", "A někdy nemáme ani potřebný materiál, abychom jim pomohli, popsali lékaři.", 31.22557079)]
    [InlineData("Lapali po dechu, jejich životy skončily dřív, než skutečně začaly.", "Lapali po dechu a pak jejich život skončil - dřív, než skutečně mohl začít, připomněli.", 57.15704367)]
    public void Chrf_of_a_sentence(string hypothesis, string reference, double score) =>
        Assert.Equal(score, new CharacterFScore { EpsilonSmoothing = true }.Score(hypothesis, reference), 1e-4);

    [Theory]
    [InlineData("aaaa bbbb cccc dddd", "aaaa bbbb cccc dddd", 0)]
    [InlineData("dddd eeee ffff", "aaaa bbbb cccc", 100)]
    [InlineData("", "a", 100)]
    [InlineData("a", "", 100)]
    [InlineData("", "", 0)]
    [InlineData("d e f g h a b c", "a b c d e f g h", 12.5)]
    public void Ter_of_a_segment(string hypothesis, string reference, double score) => Assert.Equal(score, new TranslationEditRate().Score(hypothesis, reference), 1e-3);

    [Fact]
    public void Ter_of_a_manual()
    {
        string[] hypotheses =
        [
            "wählen Sie \" Bild neu berechnen , \" um beim Ändern der Bildgröße Pixel hinzuzufügen oder zu entfernen , damit das Bild ungefähr dieselbe Größe aufweist wie die andere Größe .",
            "wenn Sie alle Aufgaben im aktuellen Dokument aktualisieren möchten , wählen Sie im Menü des Aufgabenbedienfelds die Option \" Alle Aufgaben aktualisieren . \"",
            "klicken Sie auf der Registerkarte \" Optionen \" auf die Schaltfläche \" Benutzerdefiniert \" und geben Sie Werte für \" Fehlerkorrektur-Level \" und \" Y / X-Verhältnis \" ein .",
            "Sie können beispielsweise ein Dokument erstellen , das ein Auto über die Bühne enthält .",
            "wählen Sie im Dialogfeld \" Neu aus Vorlage \" eine Vorlage aus und klicken Sie auf \" Neu . \"",
        ];
        string[][] references =
        [
            ["wählen Sie \" Bild neu berechnen , \" um beim Ändern der Bildgröße Pixel hinzuzufügen oder zu entfernen , damit die Darstellung des Bildes in einer anderen Größe beibehalten wird ."],
            [hypotheses[1]],
            ["klicken Sie auf der Registerkarte \" Optionen \" auf die Schaltfläche \" Benutzerdefiniert \" und geben Sie für \" Fehlerkorrektur-Level \" und \" Y / X-Verhältnis \" niedrigere Werte ein ."],
            ["Sie können beispielsweise ein Dokument erstellen , das ein Auto enthalt , das sich über die Bühne bewegt ."],
            [hypotheses[4]],
        ];
        Assert.Equal(13.6, new TranslationEditRate().Score(hypotheses, references), 0.05);
    }

    private static readonly string[] s_rougeReferences =
    [
        "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
        "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN",
    ];

    private static readonly string[] s_rougeSummaries =
    [
        "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
        "n cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD",
    ];

    [Theory]
    [InlineData(0, "1", false, 0.68750, 0.40741, 0.51163)]
    [InlineData(1, "1", false, 0.65385, 0.40476, 0.50000)]
    [InlineData(0, "1", true, 0.68750, 0.40741, 0.51163)]
    [InlineData(1, "1", true, 0.69231, 0.42857, 0.52941)]
    [InlineData(0, "2", false, 0.53333, 0.30769, 0.39024)]
    [InlineData(1, "2", false, 0.48000, 0.29268, 0.36364)]
    [InlineData(0, "2", true, 0.53333, 0.30769, 0.39024)]
    [InlineData(1, "2", true, 0.48000, 0.29268, 0.36364)]
    [InlineData(0, "L", false, 0.68750, 0.40741, 0.51163)]
    [InlineData(1, "L", false, 0.65385, 0.40476, 0.50000)]
    public void Rouge_is_that_of_version_1_5_5(int text, string kind, bool stem, double precision, double recall, double f1)
    {
        var (summary, reference) = (s_rougeSummaries[text], s_rougeReferences[text]);
        var score = kind == "L" ? Rouge.L(summary, reference, stem) : Rouge.N(summary, reference, kind[0] - '0', stem);
        Assert.Equal(precision, score.Precision, 5e-6);
        Assert.Equal(recall, score.Recall, 5e-6);
        Assert.Equal(f1, score.F1, 5e-6);
    }

    [Fact]
    public void Rouge_lsum_is_that_of_version_1_5_5()
    {
        var reference = string.Join('\n', [.. s_rougeReferences,
            "NhETebUbBk'er WOvoHMTjSRizKgH'vHiing Xu,hWxfs VkNE QhgKiLHE -HidivzoM.dO anhtion jbLQiSGDTCsuhREebUaKM dv J dVN tmbOT",
            "vMR HDm,xOAetion D,tion HJtodT.mHl UIv-p VjWH'BdyWjnfGU-OjT aEMdFICyLWfQMtion wEMfdOKing AwkeKbO 'DxqNOHBH qKtVvm OYJl mM"]);
        var summary = string.Join('\n', [.. s_rougeSummaries, "xfs VkJE QhgKiLHE -HidivzoM.dO anhing jbLQiSGDTCsuhREebUaKM dv J", "VjWH'BdyWjnfGU-OjTNaEMdFICyLWfQMing wEMfdOKijg AwkeKbO 'DxqNO"]);
        var score = Rouge.LSum(summary, reference, stem: true);
        Assert.Equal(0.66667, score.Precision, 5e-6);
        Assert.Equal(0.36538, score.Recall, 5e-6);
        Assert.Equal(0.47205, score.F1, 5e-6);
        Assert.Equal(default, Rouge.LSum("/", "w1 w2 w3 w4 w5"));
        Assert.Equal(default, Rouge.LSum("w1", ""));
    }

    [Theory]
    [InlineData("This is a test", "This is a test", 0, 0, 0)]
    [InlineData("This is a test", "", 1, 1, 1)]
    [InlineData("This is a test", "This test", 0.5, 0.5, 0.5)]
    [InlineData("hello this sentence is fractured", "this sentence", 0.6, 0.6, 0.6)]
    [InlineData("i am a short ground truth", "i am a considerably longer and very much incorrect hypothesis", 7.0 / 6, 0.7, 0.85)]
    [InlineData("X", "X", 0, 0, 0)]
    [InlineData("X", "X X Y Y", 3, 0.75, 0.75)]
    [InlineData("X Y X", "X Z", 2.0 / 3, 2.0 / 3, 5.0 / 6)]
    [InlineData("X", "Y", 1, 1, 1)]
    [InlineData("X", "Y Z", 2, 1, 1)]
    public void Word_errors_of_the_paper(string reference, string recognised, double rate, double match, double lost)
    {
        var errors = WordErrors.OfWords(recognised, reference);
        Assert.Equal(rate, errors.Rate, 1e-12);
        Assert.Equal(match, errors.MatchErrorRate, 1e-12);
        Assert.Equal(lost, errors.InformationLost, 1e-12);
    }

    [Theory]
    [InlineData("This is a test", "This test", 5.0 / 14)]
    [InlineData("X", "X X Y Y", 6)]
    [InlineData("X Y X", "X Z", 3.0 / 5)]
    [InlineData("X", "Y Z", 3)]
    public void Character_errors_of_the_paper(string reference, string recognised, double rate) => Assert.Equal(rate, WordErrors.OfCharacters(recognised, reference).Rate, 1e-12);

    [Fact]
    public void Errors_do_not_depend_on_the_order_of_utterances()
    {
        var one = WordErrors.OfWords("i am", "i") + WordErrors.OfWords("i good", "am i good");
        var other = WordErrors.OfWords("i good", "am i good") + WordErrors.OfWords("i am", "i");
        Assert.Equal(one, other);
        Assert.Equal((0.5, 0.4, 7.0 / 16), (one.Rate, one.MatchErrorRate, one.InformationLost));
    }

    [Fact]
    public void Entities_of_seqeval()
    {
        Assert.Equal([new("MISC", 3, 6), new("PER", 7, 9)], Entities.Of(["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O", "B-PER", "I-PER"]));
        Assert.Equal([new("_", 3, 6), new("_", 8, 10)], Entities.Of(["O", "O", "O", "B", "I", "I", "O", "O", "B", "I", "O"]));
        // An entity that begins with an I where it should have a B is the same entity to the CoNLL script.
        Assert.Equal(1, Entities.Score([["I-ORG", "I-ORG"]], [["B-ORG", "I-ORG"]]).Micro.F1);
    }

    [Fact]
    public void Entity_scores_are_the_originals()
    {
        // 200 documents of random tags in the schemes BIO, EIO and BIOES, scored by seqeval 1.2.2.
        var folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics");
        var documents = File.ReadLines(Path.Combine(folder, "seqeval.tsv")).Select(line => line.Split('\t')).ToArray();
        Assert.Equal(200, documents.Length);
        foreach (var columns in documents)
        {
            static string[][] Sentences(string text) => [.. text.Split('|').Select(sentence => sentence.Split(' '))];
            var scores = Entities.Score(Sentences(columns[1]), Sentences(columns[0]));
            double[] found = [scores.Micro.Precision, scores.Micro.Recall, scores.Micro.F1, scores.MacroF1];
            // Without any entity the original's mean over types is not a number; here it is 0, as the other scores are.
            double[] golden = [.. columns[2].Split(' ').Select(text => text == "nan" ? 0 : double.Parse(text, CultureInfo.InvariantCulture))];
            Assert.All(found.Zip(golden), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
        }
    }
}
