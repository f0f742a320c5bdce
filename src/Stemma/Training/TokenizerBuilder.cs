using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;
using Stemma.Text.Tokenizers.Formats;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Training;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Text.Tokenizers.WordPiece;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Training;

/// <summary>Makes the tokenizer that a run asks for.</summary>
internal static class TokenizerBuilder
{
    private const string Stage = "Training the tokenizer";

    /// <summary>Trains it, or reads it from its file.</summary>
    /// <param name="config">Which one.</param>
    /// <param name="texts">All of the text, what is held out included.</param>
    /// <param name="train">The part to train on.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static Tokenizer Build(TokenizerConfig config, IReadOnlyList<Corpus> texts, IEnumerable<Document> train, IProgress<Preparation>? progress, CancellationToken cancellation)
    {
        progress?.Report(new(Stage, 0));
        return config switch
        {
            BpeTokenizerConfig bpe => new BpeTrainer { VocabSize = bpe.VocabSize }.Train(
                train.Select(document => document.Text),
                new SyncProgress<BpeTrainingProgress>(p => progress?.Report(new(Stage, (double)p.MergesLearned / Math.Max(1, p.MergesWanted)))), cancellation),
            // Every character of the text has a token, also those that only the held-out part has.
            CharacterTokenizerConfig => new CharacterTrainer().Train(texts.SelectMany(text => text.Documents()).Select(document => document.Text)),
            WordTokenizerConfig words => new WordTrainer { VocabSize = words.VocabSize }.Train(train.Select(document => document.Text)),
            SentencePieceBpeTokenizerConfig merges => new SentencePieceBpeTrainer { VocabSize = merges.VocabSize, Options = new() { ControlTokens = [Tokenizer.EndOfTextSpelling] } }.Train(
                train.Select(document => document.Text), new SyncProgress<TokenizerProgress>(p => progress?.Report(new(Stage, p.Fraction ?? 0))), cancellation),
            UnigramTokenizerConfig unigram => new UnigramTrainer { VocabSize = unigram.VocabSize, Options = new() { ControlTokens = [Tokenizer.EndOfTextSpelling] } }.Train(
                train.Select(document => document.Text), new SyncProgress<TokenizerProgress>(p => progress?.Report(new(Stage, p.Fraction ?? 0))), cancellation).ToPipeline(),
            WordPieceTokenizerConfig pieces => WordPiece(pieces, train, progress, cancellation),
            TokenizerFileConfig file => TokenizerSource.Load(file.Path),
            _ => throw new ConfigurationException($"There is no tokenizer of kind {config.GetType().Name}."),
        };
    }

    // Trained on what the tokenizer will see: the text as BERT cleans it.
    private static PipelineTokenizer WordPiece(WordPieceTokenizerConfig config, IEnumerable<Document> train, IProgress<Preparation>? progress, CancellationToken cancellation)
    {
        var normalizer = new BertNormalizer();
        var trainer = new WordPieceTrainer { VocabSize = config.VocabSize };
        trainer = trainer with { SpecialTokens = [.. trainer.SpecialTokens, Tokenizer.EndOfTextSpelling] };
        var vocabulary = trainer.Train(train.Select(document => normalizer.Normalize(document.Text)), new SyncProgress<TokenizerProgress>(p => progress?.Report(new(Stage, p.Fraction ?? 0))), cancellation);
        return BertVocabulary.Build(vocabulary, lowercase: true);
    }

    private sealed class SyncProgress<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
