
namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Softmax(Tensor x, Tensor y) => _definition.Softmax(x, y);

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => _definition.SoftmaxGradient(y, dy, dx);

    public void LogSoftmax(Tensor x, Tensor y) => _definition.LogSoftmax(x, y);

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => _definition.LogSoftmaxGradient(y, dy, dx);

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd) =>
        _definition.LayerNorm(x, weight, bias, epsilon, y, mean, rstd);

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, Tensor? dweight, Tensor? dbias) =>
        _definition.LayerNormGradient(x, weight, mean, rstd, dy, dx, dweight, dbias);

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms) => _definition.RmsNorm(x, weight, epsilon, y, rrms);

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, Tensor dweight) =>
        _definition.RmsNormGradient(x, weight, rrms, dy, dx, dweight);

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient) =>
        _definition.CrossEntropy(logits, targets, ignoreIndex, labelSmoothing, losses, scale, gradient);

    public void Adam(in AdamArguments arguments, Tensor weight, Tensor gradient, Tensor mean, Tensor variance) =>
        _definition.Adam(arguments, weight, gradient, mean, variance);

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity) => _definition.Sgd(arguments, weight, gradient, velocity);
}
