using Diffusion.Math.Values;

namespace Diffusion.Host.Posters;

/// <summary>A model that is trained for a poster, class-conditional so that it can be guided.</summary>
/// <param name="Set">The data set's name, and that of the run's folder.</param>
/// <param name="Title">The data set's name in print.</param>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Time">How long.</param>
public sealed record PosterTraining(string Set, string Title, string Recipe, TimeSpan Time)
{
    // The figures are drawn in what is left.
    private const double FigureShare = 0.1;

    // Of the first data set and the second one, digits being learned sooner.
    private static readonly Sequence<double> Weights = [1, 2];

    /// <summary>How a time is shared among the data sets of which no model is given.</summary>
    /// <param name="time">The time; above zero.</param>
    /// <param name="given">Models that need no training.</param>
    public static Sequence<PosterTraining> Shares(TimeSpan time, Sequence<PosterModel> given)
    {
        var sets = PosterPlan.Sets.Index().Where(set => given.All(model => model.Set != set.Item.Name)).ToList();
        var whole = sets.Sum(set => Weights[set.Index]);
        return sets.Select(set => new PosterTraining(
            set.Item.Name, set.Item.Title, $"{set.Item.Name}-cfg", (1 - FigureShare) * Weights[set.Index] / whole * time)).ToSequence();
    }
}
