namespace Stemma.Numerics.Backends;

/// <summary>One step of Adam or AdamW.</summary>
/// <param name="LearningRate">η.</param>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Added to the root of the variance.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Decoupled">Whether λ shrinks the weight (AdamW) or is added to the gradient (L2).</param>
/// <param name="Step">1 for the first step; corrects the bias of the running means.</param>
/// <param name="GradientScale">What gradients are multiplied by first, as clipping asks.</param>
public readonly record struct AdamArguments(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, bool Decoupled, long Step, double GradientScale = 1);

/// <summary>A weight and what a step of Adam reads and changes beside it; all of one shape and type, contiguous.</summary>
/// <param name="Weight">Changed.</param>
/// <param name="Gradient">Of the loss.</param>
/// <param name="Mean">Running mean of gradients, changed; zeros before the first step.</param>
/// <param name="Variance">Running mean of squared gradients, changed; zeros before the first step.</param>
/// <param name="Decays">Whether <see cref="AdamArguments.WeightDecay"/> applies.</param>
public readonly record struct AdamWeight(Tensor Weight, Tensor Gradient, Tensor Mean, Tensor Variance, bool Decays = true);

/// <summary>One step of gradient descent.</summary>
/// <param name="LearningRate">η.</param>
/// <param name="Momentum">μ; 0 for none.</param>
/// <param name="Nesterov">Whether the gradient is taken ahead of the momentum.</param>
/// <param name="WeightDecay">λ, added to the gradient.</param>
/// <param name="IsFirstStep">Whether the velocity starts now.</param>
public readonly record struct SgdArguments(double LearningRate, double Momentum, bool Nesterov, double WeightDecay, bool IsFirstStep);
