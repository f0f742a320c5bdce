namespace Stemma.Text.Chat;

/// <summary>Where a message stands in a rendered conversation. Positions are in UTF-16 code units, ends are exclusive.</summary>
/// <param name="Message">The message, counted from 0.</param>
/// <param name="Role">Who speaks.</param>
/// <param name="Start">Where what the template writes for the message starts, its header included.</param>
/// <param name="End">Where that ends, what closes the turn included.</param>
/// <param name="Content">Where the message's own text stands inside; null where it has none or the template changes it.</param>
public sealed record ChatMessageSpan(int Message, string Role, int Start, int End, Range? Content);
