using Diffusion.Host.Studio.Pages;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;

namespace Diffusion.Host.Studio;

/// <summary>Every page of the studio, in the order of the navigation. A new one is a line here.</summary>
internal static class StudioPages
{
    /// <summary>The pages.</summary>
    public static Sequence<StudioPage> Of(StudioContext studio) =>
    [
        new RunsPage(studio),
        new SamplePage(studio),
        new GuidancePage(studio),
        new DrawPage(studio),
        new ForwardPage(studio),
        new WorldPage(),
    ];
}
