using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Text;
using Stemma.Text.Chat;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize chat</c>: a conversation as a chat template writes it, and where each message stands.</summary>
internal static class TokenizeChatCommand
{
    private static readonly string[] s_colours = ["green", "yellow", "blue", "magenta", "cyan", "red"];

    public static Command Create(CommandContext context)
    {
        var template = new Argument<string>("template") { Description = "A Jinja file, a tokenizer_config.json, or a folder that holds one." };
        var messages = new Option<string>("--messages") { Description = "A JSON file: a list of messages, or an object with messages and tools; - for standard input.", HelpName = "file", Required = true };
        var name = new Option<string?>("--name") { Description = "Which of several templates of a tokenizer_config.json.", HelpName = "name" };
        var prompt = new Option<bool>("--generation-prompt") { Description = "End with what an answer of the assistant begins with." };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "A tokenizer, to show tokens and the mask of the loss too.", HelpName = "file" };
        var json = Options.Json();
        var command = new Command("chat", "Write a conversation by a model's chat template, and show where each message stands.") { template, messages, name, prompt, tokenizer, json };
        command.SetAction(parsed => Run(
            context, ChatTemplate.Load(parsed.GetValue(template)!, parsed.GetValue(name)), parsed.GetValue(messages)!, parsed.GetValue(prompt), parsed.GetValue(tokenizer), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, ChatTemplate template, string file, bool prompt, string? tokenizerPath, bool json)
    {
        using var document = Read(context, file);
        var rendering = template.Render(Input(document.RootElement, file) with { AddGenerationPrompt = prompt });
        var tokens = tokenizerPath is null ? null : rendering.Encode(TokenizerSource.Load(tokenizerPath));
        if (json) Json.WriteObject(context.Output, writer => Write(writer, rendering, tokens));
        else Show(context.Screen(json), rendering, tokens);
        return ExitCode.Success;
    }

    private static JsonDocument Read(CommandContext context, string file)
    {
        if (file != "-" && !File.Exists(file)) throw new FileNotFoundException($"There is no file of messages at {file}.", file);
        using var stream = file == "-" ? context.OpenInput() : File.OpenRead(file);
        try
        {
            return JsonDocument.Parse(stream);
        }
        catch (JsonException exception)
        {
            throw new TextFormatException($"{file} is not JSON (line {exception.LineNumber + 1}).", exception);
        }
    }

    private static ChatInput Input(JsonElement root, string file)
    {
        var list = root;
        List<JsonElement>? tools = null;
        if (root.ValueKind == JsonValueKind.Object)
        {
            if (!root.TryGetProperty("messages", out list)) throw new TextFormatException($"{file} has no \"messages\".");
            if (root.TryGetProperty("tools", out var found) && found.ValueKind == JsonValueKind.Array) tools = [.. found.EnumerateArray()];
        }

        if (list.ValueKind != JsonValueKind.Array) throw new TextFormatException($"{file}: the messages must be a list.");
        List<ChatMessage> messages = [];
        foreach (var item in list.EnumerateArray())
        {
            try
            {
                messages.Add(ChatMessage.Read(item));
            }
            catch (TextFormatException exception)
            {
                throw new TextFormatException($"{file}: messages[{messages.Count}]: {exception.Message}", exception);
            }
        }

        return new() { Messages = messages, Tools = tools };
    }

    private static void Write(Utf8JsonWriter writer, ChatRendering rendering, ChatTokens? tokens)
    {
        writer.WriteString("text", rendering.Text);
        writer.WriteStartArray("messages");
        foreach (var (index, span) in rendering.Spans.Index())
        {
            writer.WriteStartObject();
            writer.WriteNumber("message", span.Message);
            writer.WriteString("role", span.Role);
            writer.WriteNumber("start", span.Start);
            writer.WriteNumber("end", span.End);
            if (span.Content is { } content)
            {
                writer.WriteNumber("content_start", content.Start.Value);
                writer.WriteNumber("content_end", content.End.Value);
            }

            if (tokens is not null)
            {
                writer.WriteNumber("token_start", tokens.Spans[index].Start.Value);
                writer.WriteNumber("token_end", tokens.Spans[index].End.Value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (tokens is null) return;
        writer.WriteStartArray("tokens");
        foreach (var id in tokens.Ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("learned");
        foreach (var isLearned in tokens.IsLearned) writer.WriteBooleanValue(isLearned);
        writer.WriteEndArray();
    }

    private static void Show(Screen screen, ChatRendering rendering, ChatTokens? tokens)
    {
        // A span inside another (a system prompt folded into a turn) is drawn over it.
        var colours = new string?[rendering.Text.Length];
        foreach (var span in rendering.Spans.OrderByDescending(span => span.End - span.Start)) Array.Fill(colours, s_colours[span.Message % s_colours.Length], span.Start, span.End - span.Start);
        foreach (var range in rendering.Learned)
            for (var i = range.Start.Value; i < range.End.Value; i++) colours[i] = "bold " + colours[i];
        for (var start = 0; start < colours.Length;)
        {
            var end = rendering.Text.IndexOf('\n', start);
            if (end < 0) end = colours.Length;
            var line = "";
            for (var at = start; at < end;)
            {
                var to = at;
                while (to < end && colours[to] == colours[at]) to++;
                var part = Markup.Escape(rendering.Text[at..to]);
                line += colours[at] is { } colour ? $"[{colour.Trim()}]{part}[/]" : part;
                at = to;
            }

            screen.Line(line);
            start = end + 1;
        }

        screen.Line();
        screen.Table(
            ["message", "role", "characters", "content", .. tokens is null ? (string[])[] : ["tokens"]],
            [.. rendering.Spans.Select((span, index) => (string[])[$"{span.Message}", span.Role, $"{span.Start}–{span.End}", span.Content is { } content ? $"{content.Start.Value}–{content.End.Value}" : "", .. tokens is null ? (string[])[] : [$"{tokens.Spans[index].Start.Value}–{tokens.Spans[index].End.Value}"]])], 0);
        if (tokens is not null) screen.Line($"[dim]{Quantity.Of(tokens.Ids.Count, "token")}, of which {tokens.IsLearned.Count(learned => learned)} are learned[/]");
    }
}
