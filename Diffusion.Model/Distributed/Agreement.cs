using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Diffusion.Model.Distributed;

/// <summary>What has to be the same on every rank before they begin.</summary>
public static class Agreement
{
    // So many bits of a hash are a number that a double holds exactly.
    private const int Bits = 52;

    /// <summary>Refuses to work with a rank that has something else. Collective; every rank learns of it.</summary>
    /// <param name="processes">The processes.</param>
    /// <param name="what">What it is, such as <c>recipe</c>.</param>
    /// <param name="value">This rank's.</param>
    /// <exception cref="DisagreementException">A rank has another one than rank 0; the message names it.</exception>
    public static void Require(ICommunicator processes, string what, string value)
    {
        var all = new double[processes.Size];
        processes.AllGather([Digest(value)], all);
        if (Array.FindIndex(all, digest => digest != all[0]) is >= 0 and var other)
            throw new DisagreementException(
                string.Create(CultureInfo.InvariantCulture, $"rank {other} has another {what} than rank 0."));
    }

    private static double Digest(string value) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(value))) >> (64 - Bits);
}

/// <summary>Ranks were started that cannot work together. The message is one line.</summary>
/// <param name="message">Which rank differs, and in what.</param>
public sealed class DisagreementException(string message) : IOException(message);

/// <summary>Rank 0 was done before a follower had begun; nothing is wrong.</summary>
public sealed class FollowerReleasedException() : OperationCanceledException("Rank 0 is done.");
