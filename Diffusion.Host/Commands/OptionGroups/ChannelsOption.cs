using Diffusion.Host.CommandLine;
using Diffusion.Model.Images;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The option that says which channels of images are kept.</summary>
internal static class ChannelsOption
{
    /// <summary>Any kind of channels.</summary>
    /// <param name="about">What they are of, for help texts.</param>
    public static Cli.Option<ImageChannels?> Of(string about) => Define.Option("--channels",
        string.Join('|', ChannelKinds.Words.Select(kind => kind.Word)), about,
        new OneOf<ImageChannels?>([.. ChannelKinds.Words.Select(kind => (kind.Word, (ImageChannels?)kind.Channels))])
        {
            Former = [("gray", ImageChannels.Grey)],
        });
}
