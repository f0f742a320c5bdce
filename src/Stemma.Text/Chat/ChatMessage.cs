using System.Text.Json;
using Stemma.Text.Chat.Templates;

namespace Stemma.Text.Chat;

/// <summary>One turn of a conversation, as chat templates see it: fields in order, <c>role</c> among them.</summary>
public sealed class ChatMessage
{
    private ChatMessage(TemplateMap fields) => Fields = fields;

    /// <summary>A turn of plain text.</summary>
    /// <param name="role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> or what else the template knows.</param>
    /// <param name="content">What is said.</param>
    public ChatMessage(string role, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(role);
        ArgumentNullException.ThrowIfNull(content);
        Fields = new() { ["role"] = role, ["content"] = content };
    }

    /// <summary>Who speaks.</summary>
    public string Role => (string)Fields["role"]!;

    /// <summary>What is said, where it is plain text; null where it is parts or a call of tools alone.</summary>
    public string? Content => Fields.GetValueOrDefault("content") as string;

    internal TemplateMap Fields { get; }

    /// <summary>The assistant's request to call tools, in the form of OpenAI's chat format.</summary>
    /// <param name="content">What is said besides; null for nothing.</param>
    /// <param name="calls">The calls.</param>
    public static ChatMessage ToolCalls(string? content, params IReadOnlyList<ChatToolCall> calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        return new(new TemplateMap
        {
            ["role"] = "assistant",
            ["content"] = content,
            ["tool_calls"] = calls.Select(call => (object?)CallFields(call)).ToList(),
        });
    }

    /// <summary>What a tool answered.</summary>
    /// <param name="call">The call it answers.</param>
    /// <param name="content">The answer.</param>
    public static ChatMessage ToolResult(ChatToolCall call, string content)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(new TemplateMap { ["role"] = "tool", ["content"] = content, ["name"] = call.Name, ["tool_call_id"] = call.Id });
    }

    /// <summary>A message of any shape.</summary>
    /// <param name="json">An object with a field <c>role</c>; every field is there for the template.</param>
    /// <exception cref="TextFormatException">It is not such an object.</exception>
    public static ChatMessage Read(JsonElement json)
    {
        if (JsonText.Read(json) is not TemplateMap fields) throw new TextFormatException("a message must be a JSON object with \"role\" and \"content\".");
        if (fields.GetValueOrDefault("role") is not string { Length: > 0 }) throw new TextFormatException("a message must have a \"role\", a string.");
        return new(fields);
    }

    private static TemplateMap CallFields(ChatToolCall call) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new TemplateMap { ["name"] = call.Name, ["arguments"] = JsonText.Read(call.Arguments) },
    };
}
