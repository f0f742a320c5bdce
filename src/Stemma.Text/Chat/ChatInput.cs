using System.Text.Json;

namespace Stemma.Text.Chat;

/// <summary>What a template is rendered with.</summary>
public sealed record ChatInput
{
    /// <summary>The conversation, oldest first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Descriptions of the tools the assistant may call, each a JSON object; null for none.</summary>
    public IReadOnlyList<JsonElement>? Tools { get; init; }

    /// <summary>Whether the text ends with what an answer of the assistant begins with.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>More names the template knows, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The clock of <c>strftime_now</c>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
