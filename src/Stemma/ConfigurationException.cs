namespace Stemma;

/// <summary>A configuration that cannot be: the message names the field, what it holds and the way out.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
