using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Pipelines in <c>tokenizer.json</c>.</summary>
internal static class PipelineJson
{
    public static PipelineTokenizer Read(JsonField root)
    {
        var added = TokenizerJson.AddedTokens(root);
        var model = ModelJson.Read(root["model"], added);
        var vocabSize = Math.Max(model.VocabSize, added.Select(token => token.Id + 1).DefaultIfEmpty(0).Max());
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = added,
            Normalizer = NormalizerJson.Read(root["normalizer"]),
            PreTokenizer = PreTokenizerJson.Read(root["pre_tokenizer"]),
            Model = model,
            PostProcessor = PostProcessorJson.Read(root["post_processor"], vocabSize),
            Truncation = LengthJson.ReadTruncation(root["truncation"]),
            Padding = LengthJson.ReadPadding(root["padding"], vocabSize),
            Decoder = DecoderJson.Read(root["decoder"]),
        });
    }

    /// <summary>Writes all members of the file but <c>version</c>.</summary>
    public static void Write(Utf8JsonWriter json, Pipeline pipeline)
    {
        LengthJson.Write(json, pipeline.Truncation);
        LengthJson.Write(json, pipeline.Padding);
        TokenizerJsonWriter.WriteAddedTokens(json, pipeline.AddedTokens);
        WriteParts(json, pipeline);
        json.WriteStartObject("model");
        pipeline.Model.Write(json);
        json.WriteEndObject();
    }

    /// <summary>All that decides what the pipeline does beside its model, as text; for the tokenizer's hash.</summary>
    public static string Describe(Pipeline pipeline)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        LengthJson.Write(json, pipeline.Truncation);
        LengthJson.Write(json, pipeline.Padding);
        WriteParts(json, pipeline);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteParts(Utf8JsonWriter json, Pipeline pipeline)
    {
        Write("normalizer", pipeline.Normalizer, NormalizerJson.Write);
        Write("pre_tokenizer", pipeline.PreTokenizer, PreTokenizerJson.Write);
        Write("post_processor", pipeline.PostProcessor, PostProcessorJson.Write);
        Write("decoder", pipeline.Decoder, DecoderJson.Write);

        void Write<T>(string name, T? part, Action<Utf8JsonWriter, T> write)
            where T : class
        {
            json.WritePropertyName(name);
            if (part is null) json.WriteNullValue();
            else write(json, part);
        }
    }
}
