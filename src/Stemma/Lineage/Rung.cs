using Stemma.Models.NGram;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>A step of the lineage: a kind of model, its paper, and what it can do that the one before cannot.</summary>
/// <param name="Name">A short word, the name of its folder.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Year">Of the paper.</param>
/// <param name="Paper">Who, and what to look for.</param>
/// <param name="Arrow">In a few words, what is new.</param>
/// <param name="Test">The ability by which the arrow is judged.</param>
public abstract record Rung(string Name, string Title, int Year, string Paper, string Arrow, Ability Test);

/// <summary>The model that knows nothing.</summary>
/// <param name="Name">A short word, the name of its folder.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Year">Of the paper.</param>
/// <param name="Paper">Who, and what to look for.</param>
/// <param name="Arrow">In a few words, what is new.</param>
/// <param name="Test">The ability by which the arrow is judged.</param>
public sealed record UniformRung(string Name, string Title, int Year, string Paper, string Arrow, Ability Test) : Rung(Name, Title, Year, Paper, Arrow, Test);

/// <summary>A model of counts: one pass over the text.</summary>
/// <param name="Name">A short word, the name of its folder.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Year">Of the paper.</param>
/// <param name="Paper">Who, and what to look for.</param>
/// <param name="Arrow">In a few words, what is new.</param>
/// <param name="Test">The ability by which the arrow is judged.</param>
/// <param name="Model">What is estimated.</param>
public sealed record CountedRung(string Name, string Title, int Year, string Paper, string Arrow, Ability Test, NGramConfig Model) : Rung(Name, Title, Year, Paper, Arrow, Test);

/// <summary>A model with weights, trained for as long as the budget allows.</summary>
/// <param name="Name">A short word, the name of its folder.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Year">Of the paper.</param>
/// <param name="Paper">Who, and what to look for.</param>
/// <param name="Arrow">In a few words, what is new.</param>
/// <param name="Test">The ability by which the arrow is judged.</param>
/// <param name="Run">The run; its text, tokenizer, seed and number of steps are the lineage's.</param>
public sealed record TrainedRung(string Name, string Title, int Year, string Paper, string Arrow, Ability Test, TrainingRun Run) : Rung(Name, Title, Year, Paper, Arrow, Test);
