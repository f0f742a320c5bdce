namespace Stemma.Text.Chat.Templates;

/// <summary>A mapping in the order its fields were given: a message, a tool, a literal of the template.</summary>
internal sealed class TemplateMap : OrderedDictionary<string, object?>
{
    public TemplateMap() : base(StringComparer.Ordinal)
    {
    }
}
