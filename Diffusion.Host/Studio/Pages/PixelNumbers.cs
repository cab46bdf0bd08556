using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A number of a formula, with what it takes to compute it again by hand.</summary>
/// <param name="Part">What the formula is about.</param>
/// <param name="Symbol">What is computed.</param>
/// <param name="Formula">How, in letters.</param>
/// <param name="Worked">The same in numbers, to seven digits; empty where the number is given.</param>
/// <param name="Value">The result; null where there is none, and <paramref name="Formula"/> says why.</param>
public sealed record WorkedNumber(string Part, string Symbol, string Formula, string Worked, double? Value);

/// <summary>All that is computed of one pixel at one level: the state, the posterior of the state before, and its readings.</summary>
/// <param name="levels">The schedule.</param>
/// <param name="index">The number of the level.</param>
/// <param name="clean">x_0 of the pixel.</param>
/// <param name="noise">ε of the pixel.</param>
internal sealed class PixelNumbers(ScheduleLevels levels, int index, double clean, double noise)
{
    private const string Marginals = "The state, q(xₜ|x₀)";
    private const string Past = "The posterior, q(xₛ|xₜ,x₀)";
    private const string Readings = "Reading x₀ back";

    private readonly Marginal _before = levels.Before(index);
    private readonly Marginal _now = levels.Levels[index].Marginal;
    private readonly Transition _step = levels.StepTo(index);
    private readonly Posterior _posterior = levels.PosteriorAt(index);

    private bool IsDiscrete => levels.Schedule is NoiseSchedule.Discrete;

    private double State => _now.Alpha * clean + _now.Sigma * noise;

    /// <summary>All of them, in the order in which they need each other.</summary>
    public Sequence<WorkedNumber> All => [.. OfState, .. OfPosterior, .. OfReadings];

    private IEnumerable<WorkedNumber> OfState =>
    [
        new(Marginals, "x₀", "byte/127.5 − 1", $"{N((clean + 1) * 127.5)}/127.5 − 1", clean),
        new(Marginals, "ε", "drawn from N(0, 1), the same for every schedule", "", noise),
        .. OfMarginal,
        new(Marginals, "xₜ", "αₜ·x₀ + σₜ·ε", $"{N(_now.Alpha)}·{N(clean)} + {N(_now.Sigma)}·{N(noise)}", State),
        new(Marginals, "score of q(xₜ|x₀)", "−ε/σₜ", $"(−1)·{N(noise)}/{N(_now.Sigma)}", Score),
    ];

    private IEnumerable<WorkedNumber> OfMarginal => (levels.Schedule, levels.Levels[index].Time) switch
    {
        (NoiseSchedule.Discrete discrete, var time) =>
        [
            new(Marginals, "ᾱₜ", "Π(1 − β) up to βₜ: the schedule's", "", discrete.AlphaBars[(int)time]),
            new(Marginals, "αₜ", "√ᾱₜ", $"√({N(discrete.AlphaBars[(int)time])})", _now.Alpha),
            new(Marginals, "σₜ", "√(1 − ᾱₜ)", $"√(1 − {N(discrete.AlphaBars[(int)time])})", _now.Sigma),
        ],
        (NoiseSchedule.RectifiedFlow, var time) =>
        [
            new(Marginals, "αₜ", "1 − t", $"1 − {N(time)}", _now.Alpha),
            new(Marginals, "σₜ", "t", N(time), _now.Sigma),
        ],
        (NoiseSchedule.Edm, var time) =>
        [
            new(Marginals, "αₜ", "1", "1", _now.Alpha),
            new(Marginals, "σₜ", "t", N(time), _now.Sigma),
        ],
        _ =>
        [
            new(Marginals, "αₜ", "the schedule's", "", _now.Alpha),
            new(Marginals, "σₜ", "the schedule's", "", _now.Sigma),
        ],
    };

    private IEnumerable<WorkedNumber> OfPosterior =>
    [
        new(Past, "αₛ", $"of the level before{(IsDiscrete ? ", s = t − 1" : "")}", "", _before.Alpha),
        new(Past, "σₛ", "of the same level", "", _before.Sigma),
        .. IsDiscrete ? StepOfBeta : StepOfMarginals,
        new(Past, "weight of xₜ", "αₜ|ₛ·σₛ²/σₜ²",
            $"{N(_step.Scale)}·{Ratio(_before.Sigma, _now.Sigma)}", _posterior.OfState),
        new(Past, "weight of x₀", "αₛ·σₜ|ₛ²/σₜ²",
            $"{N(_before.Alpha)}·{Ratio(_step.Sigma, _now.Sigma)}", _posterior.OfClean),
        new(Past, "mean μ̃ₜ", "weight of xₜ·xₜ + weight of x₀·x₀ (Ho et al. 2020, Eq. 7)",
            $"{N(_posterior.OfState)}·{N(State)} + {N(_posterior.OfClean)}·{N(clean)}",
            _posterior.OfState * State + _posterior.OfClean * clean),
        new(Past, "variance β̃ₜ", "σₜ|ₛ²·σₛ²/σₜ² (Ho et al. 2020, Eq. 7)",
            $"{N(_step.Sigma)}·{N(_step.Sigma)}·{Ratio(_before.Sigma, _now.Sigma)}", _posterior.Sigma * _posterior.Sigma),
    ];

    private IEnumerable<WorkedNumber> StepOfBeta =>
    [
        new(Past, "σₜ|ₛ²", "βₜ, the noise of the step: the schedule's", "", Added),
        new(Past, "αₜ|ₛ", "√(1 − βₜ), the factor of the step", $"√(1 − {N(Added)})", _step.Scale),
    ];

    private IEnumerable<WorkedNumber> StepOfMarginals =>
    [
        new(Past, "αₜ|ₛ", "αₜ/αₛ, the factor of the step", $"{N(_now.Alpha)}/{N(_before.Alpha)}", _step.Scale),
        new(Past, "σₜ|ₛ²", "σₜ² − (αₜ|ₛ·σₛ)², the noise of the step",
            $"{N(_now.Sigma)}·{N(_now.Sigma)} − {N(_step.Scale)}·{N(_step.Scale)}·{N(_before.Sigma)}·{N(_before.Sigma)}", Added),
    ];

    private double Added => _step.Sigma * _step.Sigma;

    // By the one prediction that says something at every level.
    private double Score
    {
        get
        {
            var prediction = new Prediction.Velocity();
            var (ofState, ofOutput) = prediction.ScoreAt(_now);
            return ofState * State + ofOutput * OutputOf(prediction);
        }
    }

    private IEnumerable<WorkedNumber> OfReadings => [.. FromNoise, .. FromVelocity, .. FromFlow];

    private IEnumerable<WorkedNumber> FromNoise
    {
        get
        {
            var prediction = new Prediction.Noise();
            yield return _now.Alpha == 0
                ? new(Readings, "x₀ from ε", "nothing: no data is left at this level", "", null)
                : new(Readings, "x₀ from ε", "(xₜ − σₜ·ε)/αₜ",
                    $"({N(State)} − {N(_now.Sigma)}·{N(noise)})/{N(_now.Alpha)}", Read(prediction));
        }
    }

    private IEnumerable<WorkedNumber> FromVelocity
    {
        get
        {
            var (prediction, (a, b), scale) = (new Prediction.Velocity(), _now.VariancePreserving, _now.Scale);
            var output = OutputOf(prediction);
            yield return new(Readings, "a", "αₜ/√(αₜ² + σₜ²)", $"{N(_now.Alpha)}/{N(scale)}", a);
            yield return new(Readings, "b", "σₜ/√(αₜ² + σₜ²)", $"{N(_now.Sigma)}/{N(scale)}", b);
            yield return new(Readings, "v", "a·ε − b·x₀", $"{N(a)}·{N(noise)} − {N(b)}·{N(clean)}", output);
            yield return new(Readings, "x₀ from v", "a·xₜ/√(αₜ² + σₜ²) − b·v",
                $"{N(a)}·{N(State)}/{N(scale)} − {N(b)}·{N(output)}", Read(prediction));
        }
    }

    private IEnumerable<WorkedNumber> FromFlow
    {
        get
        {
            var prediction = new Prediction.Flow();
            var output = OutputOf(prediction);
            yield return new(Readings, "u", "ε − x₀, the velocity of a rectified flow", $"{N(noise)} − {N(clean)}", output);
            yield return new(Readings, "x₀ from u", "(xₜ − σₜ·u)/(αₜ + σₜ)",
                $"({N(State)} − {N(_now.Sigma)}·{N(output)})/({N(_now.Alpha)} + {N(_now.Sigma)})", Read(prediction));
        }
    }

    // x_0 as it is read off the output that a network would have to give.
    private double Read(Prediction prediction)
    {
        var (ofState, ofOutput, _) = prediction.ReadoutAt(_now);
        return ofState * State + ofOutput * OutputOf(prediction);
    }

    private double OutputOf(Prediction prediction)
    {
        var (ofClean, ofNoise) = prediction.TargetAt(_now);
        return ofClean * clean + ofNoise * noise;
    }

    private static string Ratio(double above, double below) => $"{N(above)}·{N(above)}/({N(below)}·{N(below)})";

    // Seven digits; a number below 0 in parentheses.
    private static string N(double number)
    {
        var digits = number.ToString("G7", CultureInfo.InvariantCulture).Replace("E-0", "E-").Replace('-', '−');
        return number < 0 ? $"({digits})" : digits;
    }
}
