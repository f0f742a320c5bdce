namespace Stemma.Curation;

/// <summary>How far a build is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done; not a number where that is not known.</param>
/// <param name="Parts">Parts done.</param>
public readonly record struct CurationProgress(string Stage, double Fraction, int Parts = 0);
