using Diffusion.Math.Json;
using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class UnionRoundTripSpecs
{
    [Property]
    public bool Schedules_survive_json(NoiseSchedule value) => Survives(value);

    [Property]
    public bool Time_grids_survive_json(TimestepSpacing value) => Survives(value);

    [Property]
    public bool Predictions_survive_json(Prediction value) => Survives(value);

    [Property]
    public bool Variances_survive_json(Variance value) => Survives(value);

    [Property]
    public bool Guidances_survive_json(Guidance value) => Survives(value);

    [Property]
    public bool Classifier_guidances_survive_json(ClassifierGuidance value) => Survives(value);

    [Property]
    public bool Noise_levels_survive_json(NoiseLevelDistribution value) => Survives(value);

    [Property]
    public bool Loss_weights_survive_json(LossWeight value) => Survives(value);

    [Property]
    public bool Learning_rates_survive_json(LearningRate value) => Survives(value);

    [Property]
    public bool Ema_decays_survive_json(EmaDecay value) => Survives(value);

    [Property]
    public bool Objectives_survive_json(Objective value) => Survives(value);

    [Property]
    public bool Pixel_likelihoods_survive_json(PixelLikelihood value) => Survives(value);

    [Property]
    public bool Seeds_survive_json(Seed value) => Survives(value);

    [Property]
    public bool Every_double_survives_json(NormalFloat value) => Survives(new TrainingTarget(value.Get, -value.Get));

    private static bool Survives<T>(T value)
        where T : notnull =>
        UnionJson.Read<T>(UnionJson.Write(value)).Equals(value);
}
