namespace Stemma.Training;

/// <summary>Training cannot go on: the message says at which step, what is wrong with which tensor, and what to try.</summary>
public sealed class TrainingFailedException(string message) : Exception(message);
