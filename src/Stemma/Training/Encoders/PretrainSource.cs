using System.Security.Cryptography;
using System.Text;
using Stemma.Layers;
using Stemma.Models.Electra;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Training.Objectives;

namespace Stemma.Training.Encoders;

/// <summary>A run's text as tokens: documents one after the other, to be cut into texts of a length.</summary>
internal sealed record PretrainData(EncoderTokens Tokens, int[] Train, int[] Validation, string Fingerprint)
{
    /// <summary>Reads the text and makes, or takes, the tokenizer.</summary>
    /// <exception cref="ConfigurationException">There is too little text.</exception>
    public static PretrainData Prepare(PretrainRun run, Tokenizer? tokenizer, IProgress<Preparation>? progress, CancellationToken cancellation)
    {
        var corpus = Corpus.Open(run.Data.Source, run.Data.Lossy);
        progress?.Report(new($"Reading {corpus.Name}", double.NaN));
        var split = new CorpusSplit(run.Data.ValidationFraction);
        var train = (run.Data.Validation.Length > 0 ? corpus.Documents() : split.Train(corpus)).ToList();
        var validation = (run.Data.Validation.Length > 0 ? Corpus.Open(run.Data.Validation, run.Data.Lossy).Documents() : split.Validation(corpus)).ToList();
        cancellation.ThrowIfCancellationRequested();
        tokenizer ??= TokenizerBuilder.Build(run.Tokenizer, [corpus], train, progress, cancellation);
        var tokens = new EncoderTokens(tokenizer);
        progress?.Report(new("Encoding the text", double.NaN));
        int[] first = [.. train.SelectMany(document => tokenizer.Encode(document.Text).Append(tokens.Separator))], second = [.. validation.SelectMany(document => tokenizer.Encode(document.Text).Append(tokens.Separator))];
        var room = run.MaxTokens - 2;
        if (first.Length < 4 * room || second.Length < room)
            throw new ConfigurationException($"{corpus.Name} has {first.Length:N0} tokens to learn from and {second.Length:N0} held out; texts of {run.MaxTokens} tokens need at least {4 * room:N0} and {room:N0}. Use more text, or a smaller max_tokens.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in train.Concat(validation)) hash.AppendData(Encoding.UTF8.GetBytes(document.Text + "\n"));
        return new(tokens, first, second, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>A text of the stream: begin, tokens, separator.</summary>
    public int[] Text(int[] stream, int start, int length) => [Tokens.Begin, .. stream.AsSpan(start, length - 2), Tokens.Separator];
}

/// <summary>Batches of pretraining, and how well hidden or replaced tokens are told on the held-out text.</summary>
internal sealed class PretrainSource : EncoderSource
{
    private readonly PretrainRun _run;
    private readonly PretrainData _data;
    private readonly MaskedTokens _masking;
    private readonly MaskedLanguageModel? _masked;
    private readonly ElectraPair? _pair;
    private readonly Action<EncoderTask> _save;

    public PretrainSource(PretrainRun run, PretrainData data, Device device, Action<EncoderTask> save)
    {
        (_run, _data, _save) = (run, data, save);
        var config = run.Model with { VocabSize = Math.Max(run.Model.VocabSize, data.Tokens.VocabSize), PadToken = data.Tokens.Pad };
        if (run.Objective is ReplacedObjective replaced) _pair = new((ElectraConfig)config, replaced.GeneratorShare, replaced.Weight, run.Seed, device);
        else _masked = new(config, new Weights(new InitialWeights(run.Seed), device));
        _masking = new()
        {
            Mask = data.Tokens.Mask,
            VocabSize = data.Tokens.VocabSize,
            Special = data.Tokens.Special,
            Share = run.Objective.Share,
            BeginsWord = run.Objective.WholeWords ? data.Tokens.BeginsWord : null,
            // The generator always sees a mask: what stays would be no task for it (Clark et al. 2020, appendix A).
            MaskShare = _pair is null ? 0.8 : 1,
            RandomShare = _pair is null ? 0.1 : 0,
        };
    }

    public EncoderTask Model => _masked ?? (EncoderTask)_pair!.Discriminator;

    public override IReadOnlyList<Parameter> Parameters => _masked?.Parameters ?? _pair!.Parameters;

    public override int TotalSteps => _run.Steps;

    public override int StepsPerEvaluation => _run.EvaluateEvery;

    public override (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random)
    {
        var starts = random.Fork("texts");
        int[][] texts = [.. Enumerable.Range(0, _run.BatchSize).Select(i => _data.Text(_data.Train, (int)starts.Below(_data.Train.Length - _run.MaxTokens + 3, (ulong)i), _run.MaxTokens))];
        var (loss, _, _) = Compute(texts, random);
        long tokens = (long)_run.BatchSize * _run.MaxTokens;
        return (loss, tokens, Model.Encoder.TrainingFlops(tokens) + (_pair?.Generator.Encoder.TrainingFlops(tokens) ?? 0));
    }

    public override HeldOutScore Evaluate()
    {
        // The same texts with the same masks every time.
        var count = Math.Min(_run.EvaluationTexts, _data.Validation.Length / (_run.MaxTokens - 2));
        var (loss, right, all, batches) = (0.0, 0L, 0L, 0);
        foreach (var (number, chunk) in Enumerable.Range(0, count).Chunk(_run.BatchSize).Index())
        {
            using var scope = Memory.Scope();
            int[][] texts = [.. chunk.Select(i => _data.Text(_data.Validation, i * (_run.MaxTokens - 2), _run.MaxTokens))];
            var (part, correct, counted) = Compute(texts, new RandomStream(20).Fork((ulong)number), evaluates: true);
            (loss, right, all, batches) = (loss + part.ToScalar(), right + correct, all + counted, batches + 1);
        }
        return new(loss / batches, (double)right / all, _pair is null ? "accuracy of hidden tokens" : "accuracy of the discriminator");
    }

    public override void TakeBest() => _save(Model);

    private (Tensor Loss, long Right, long Counted) Compute(int[][] texts, RandomStream random, bool evaluates = false)
    {
        var layout = SequenceLayout.Batch(texts.Length, _run.MaxTokens);
        var pairs = texts.Select((text, i) => _masking.Apply(text, random.Fork("masks").Fork((ulong)i))).ToArray();
        int[] tokens = [.. texts.SelectMany(text => text)], inputs = [.. pairs.SelectMany(pair => pair.Inputs)], targets = [.. pairs.SelectMany(pair => pair.Targets)];
        RandomStream? dropout = evaluates ? null : random.Fork("dropout");
        if (_pair is not null)
        {
            var result = _pair.Loss(tokens, inputs, targets, layout, random.Fork("draws"), dropout);
            if (!evaluates) return (result.Total, 0, 0);
            var logits = _pair.Discriminator.Logits(Ids(result.Read), null, new(layout)).ToArray<float>();
            return (result.Total, logits.Zip(result.Replaced, (logit, replaced) => logit > 0 == (replaced == 1)).Count(hit => hit), logits.Length);
        }
        var pass = new Pass(layout, Dropout: dropout);
        if (!evaluates) return (_masked!.Loss(Ids(inputs), null, Ids(targets), pass), 0, 0);
        int[] places = [.. targets.Index().Where(target => target.Item != TensorOps.IgnoreIndex).Select(target => target.Index)];
        var guesses = _masked!.Project(_masked.Encoder.Encode(Ids(inputs), null, pass).Gather(Ids(places)));
        int[] wanted = [.. places.Select(place => targets[place])];
        var rows = guesses.ToArray<float>().Chunk(guesses.Shape[1]);
        return (guesses.CrossEntropy(Ids(wanted)), rows.Zip(wanted, (row, token) => row.AsSpan().IndexOf(row.Max()) == token).Count(hit => hit), wanted.Length);
    }

    private Tensor Ids(int[] ids) => Tensor.From(ids, [ids.Length], Model.Device);
}
