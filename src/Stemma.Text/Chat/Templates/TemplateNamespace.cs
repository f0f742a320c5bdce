namespace Stemma.Text.Chat.Templates;

/// <summary>What <c>namespace()</c> makes: fields that <c>set</c> changes from inside loops.</summary>
internal sealed class TemplateNamespace
{
    public TemplateMap Fields { get; } = [];
}
