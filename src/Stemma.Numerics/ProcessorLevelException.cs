namespace Stemma.Numerics;

/// <summary>The level asked for is unknown, or above what the processor, the system and .NET support.</summary>
/// <param name="message">One sentence and the way out.</param>
public sealed class ProcessorLevelException(string message) : Exception(message);
