namespace Stemma.Text.Tokenizers;

/// <summary>A stretch of text: one added token, or plain text between added tokens (<see cref="Token"/> is null).</summary>
internal readonly record struct TextSegment(int Start, int Length, AddedToken? Token);
