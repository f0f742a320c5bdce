namespace Stemma.Text.Chat.Templates;

/// <summary>What a name or field without a value has: empty in text, false in conditions, an error in any other use.</summary>
/// <param name="Complaint">Why there is no value.</param>
internal sealed record Undefined(string Complaint)
{
    public static Undefined Of(string name) => new($"\"{name}\" is not defined");
}
