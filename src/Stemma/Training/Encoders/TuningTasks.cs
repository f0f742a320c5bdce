using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma.Training.Encoders;

/// <summary>Makes tasks: of a run that begins, or of a folder that was fine-tuned.</summary>
public static class TuningTasks
{
    /// <summary>The task of a folder that <c>stemma finetune</c> made, or of any Hugging Face folder with a head and a tokenizer.</summary>
    /// <param name="folder">Holds <c>config.json</c>, <c>model.safetensors</c> and <c>tokenizer.json</c>.</param>
    /// <param name="device">Where the model goes.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or the folder's head is no task's.</exception>
    public static TuningTask Open(string folder, Device device)
    {
        var model = EncoderCheckpoint.Load(folder, device);
        var tokens = TokensOf(folder, model.Config);
        var most = model.Config.ContextLength;
        return model switch
        {
            SequenceClassifier texts => new ClassifyTask(texts, tokens, most),
            TokenClassifier words => new TagTask(words, tokens, most),
            SpanExtractor answers => new AnswerTask(answers, tokens, most),
            _ => throw new CheckpointException($"{folder} holds an encoder that is not fine-tuned ({model.Config.ClassName}{model.ClassSuffix}); `stemma finetune {folder} --task classify|tag|qa` makes one that is."),
        };
    }

    /// <summary>The task of a run: the encoder of its folder under a new head.</summary>
    internal static TuningTask Begin(TuningRun run, Device device)
    {
        if (!Directory.Exists(run.Encoder)) throw new ConfigurationException($"There is no folder {run.Encoder}.");
        switch (run.Task)
        {
            case TuningTaskKind.Classify:
                string[] classes = [.. LabelledFiles.Classes(run.Train).Select(text => text.Label).Distinct().Order(StringComparer.Ordinal)];
                return Of((config, weights) => new SequenceClassifier(config, classes, weights), (model, tokens) => new ClassifyTask(model, tokens, run.MaxTokens));
            case TuningTaskKind.Tag:
                // The held-out file may have tags that the other lacks; that they exist is no secret.
                string[] tags = [.. LabelledFiles.Tags(run.Train).Concat(LabelledFiles.Tags(run.Valid)).SelectMany(sentence => sentence.Tags).Distinct().Order(StringComparer.Ordinal)];
                return Of((config, weights) => new TokenClassifier(config, tags, weights), (model, tokens) => new TagTask(model, tokens, run.MaxTokens));
            default:
                return Of((config, weights) => new SpanExtractor(config, weights), (model, tokens) => new AnswerTask(model, tokens, run.MaxTokens));
        }

        TuningTask Of<T>(Func<EncoderConfig, IWeights, T> build, Func<T, EncoderTokens, TuningTask> task) where T : EncoderTask
        {
            var model = EncoderCheckpoint.LoadUnder(run.Encoder, build, run.Seed, device);
            if (run.FromScratch) model = build(model.Config, new Weights(new InitialWeights(run.Seed), device));
            if (run.MaxTokens > model.Config.ContextLength) throw new ConfigurationException($"max_tokens is {run.MaxTokens}, but the encoder in {run.Encoder} reads at most {model.Config.ContextLength}.");
            return task(model, TokensOf(run.Encoder, model.Config));
        }
    }

    internal static EncoderTokens TokensOf(string folder, EncoderConfig config)
    {
        var tokens = new EncoderTokens(Tokenizer.Load(folder));
        if (tokens.VocabSize > config.VocabSize)
            throw new CheckpointException($"The tokenizer in {folder} has {tokens.Tokenizer.VocabSize} tokens and needs {tokens.VocabSize} with begin, separator, mask and padding; its model has {config.VocabSize}: they do not belong together.");
        return tokens;
    }
}
