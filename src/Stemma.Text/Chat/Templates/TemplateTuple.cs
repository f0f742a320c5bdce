namespace Stemma.Text.Chat.Templates;

/// <summary>A list that was written with commas or parentheses, or is a field with its name: shown in parentheses, equal to none in brackets.</summary>
internal sealed class TemplateTuple : List<object?>
{
    public TemplateTuple(IEnumerable<object?> items) : base(items)
    {
    }
}
