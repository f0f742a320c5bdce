using Stemma.Text.Chat.Templates;

namespace Stemma.Text.Chat;

/// <summary>
/// How a model wants a conversation written: the part of Jinja that published chat templates use, rendered as Hugging Face does
/// (<c>trim_blocks</c>, <c>lstrip_blocks</c>, nothing escaped). What lies outside that part is an error with its line and column.
/// Rendering is bounded in steps, depth and length, so a template from outside does no harm.
/// </summary>
public sealed class ChatTemplate
{
    private readonly TemplateSource source;
    private readonly List<Statement> statements;
    private readonly IReadOnlyDictionary<string, string> specialTokens;

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="name">What messages about it call it, for example its file.</param>
    /// <param name="specialTokens">The spellings it asks for by name, such as <c>bos_token</c> and <c>eos_token</c>.</param>
    /// <exception cref="TextFormatException">It is not a template, or uses what is not supported; the message has line and column.</exception>
    public ChatTemplate(string text, string name = "chat template", IReadOnlyDictionary<string, string>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        source = new TemplateSource(name, text);
        statements = StatementParser.Read(source);
        this.specialTokens = specialTokens ?? new Dictionary<string, string>();
    }

    /// <summary>Writes a conversation.</summary>
    /// <exception cref="TextFormatException">The template refuses it, asks for what is not there, or does not end; the message has line and column.</exception>
    public ChatRendering Render(ChatInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // Each message is a mapping of its own, so that a message given twice is two.
        List<TemplateMap> messages = [.. input.Messages.Select(message => Copy(message.Fields))];
        var state = new RenderState(source, input.Clock, messages);
        var globals = new Scope(state, null);
        Functions.Define(globals);
        foreach (var (name, spelling) in specialTokens) globals.Set(name, spelling);
        globals.Set("messages", messages.Cast<object?>().ToList());
        globals.Set("tools", input.Tools?.Select(tool => JsonText.Read(tool)).ToList());
        globals.Set("documents", null);
        globals.Set("add_generation_prompt", input.AddGenerationPrompt);
        foreach (var (name, value) in input.Variables) globals.Set(name, JsonText.Read(value));
        Statement.RunAll(statements, globals.Inner());
        var text = state.Output;
        return new(text, Spans(text, messages, state.Spans), [.. state.Generations.Select(span => span.Start..span.End)]);
    }

    /// <summary>Reads a template from a file: plain Jinja, or the <c>chat_template</c> of a <c>tokenizer_config.json</c>.</summary>
    /// <param name="path">The file, or a folder that holds <c>chat_template.jinja</c> or <c>tokenizer_config.json</c>.</param>
    /// <param name="name">Which of several templates of a <c>tokenizer_config.json</c>; null for the only or default one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">It holds no template, or one that is not supported.</exception>
    public static ChatTemplate Load(string path, string? name = null) => ChatTemplateFile.Load(path, name);

    private static TemplateMap Copy(TemplateMap fields)
    {
        TemplateMap copy = [];
        foreach (var (key, value) in fields) copy.Add(key, value);
        return copy;
    }

    /// <summary>
    /// A message that a loop went through has what its turn wrote. Any other (a system prompt written first, or folded into the
    /// user's turn) has the stretch that equals its text.
    /// </summary>
    private static List<ChatMessageSpan> Spans(string text, List<TemplateMap> messages, IReadOnlyList<(int Start, int End)?> turns)
    {
        List<ChatMessageSpan> spans = [];
        var from = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var content = (messages[i].GetValueOrDefault("content") as string)?.Trim();
            var (start, end) = turns[i] ?? (from, text.Length);
            var at = string.IsNullOrEmpty(content) ? -1 : text.IndexOf(content, start, end - start, StringComparison.Ordinal);
            Range? inside = at < 0 ? null : at..(at + content!.Length);
            var role = (string)messages[i]["role"]!;
            if (turns[i] is not null) spans.Add(new(i, role, start, end, inside));
            else if (at >= 0) spans.Add(new(i, role, at, at + content!.Length, inside));
            if (turns[i] is null && at >= 0) from = at + content!.Length;
            else if (turns[i] is not null) from = end;
        }

        return spans;
    }
}
