using System.Text.Json;

namespace Stemma.Text.Chat;

/// <summary>A request of the assistant to call a tool.</summary>
/// <param name="Id">What ties the answer to the call.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments, a JSON object.</param>
public sealed record ChatToolCall(string Id, string Name, JsonElement Arguments);
