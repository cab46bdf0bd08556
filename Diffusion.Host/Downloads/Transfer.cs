using System.Net;
using System.Net.Http.Headers;
using Diffusion.Model.Files;

namespace Diffusion.Host.Downloads;

/// <summary>A transfer that cannot go on.</summary>
/// <param name="reason">What went wrong, as the end of a sentence.</param>
/// <param name="outlook">Whether asking the same mirror again may help.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
internal sealed class TransferException(string reason, Outlook outlook, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>Whether asking the same mirror again may help.</summary>
    public Outlook Outlook { get; } = outlook;
}

/// <summary>Whether to ask again.</summary>
internal enum Outlook
{
    /// <summary>The mirror could not be reached, went silent or is overloaded.</summary>
    MayRecover,

    /// <summary>The mirror has answered, and the answer is no.</summary>
    Hopeless,
}

/// <summary>One request for the part of a file that is still missing, appended to what is there.</summary>
/// <param name="client">Who asks.</param>
/// <param name="mirror">Who is asked.</param>
/// <param name="part">What is there; written at its end.</param>
/// <param name="download">What is asked for.</param>
/// <param name="floor">How slow a mirror may be.</param>
/// <param name="clock">By what that is taken.</param>
internal sealed class Transfer(HttpClient client, Uri mirror, FileStream part, PublishedFile download, Patience floor, TimeProvider clock)
{
    private const int MostRedirections = 10;

    /// <summary>The file's name.</summary>
    public string File => download.FileName;

    /// <summary>Whether the mirror has answered, whatever it said.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Runs the transfer to the end of the file.</summary>
    /// <param name="contact">How long to wait for the answer to begin.</param>
    /// <param name="stall">How long to wait for more of it.</param>
    /// <param name="report">Hears of the beginning and of all that arrives.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TransferException">It broke off, or there is nothing to be had.</exception>
    public async Task Run(TimeSpan contact, TimeSpan stall, Action<DownloadEvent> report, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(contact);
        try
        {
            using var response = await Ask(patience.Token);
            IsAnswered = true;
            if (IsComplete(response))
                return;
            if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != part.Length)
                part.SetLength(0);
            part.Seek(0, SeekOrigin.End);
            report(new DownloadEvent.Started(download.FileName, mirror, part.Length));
            await Copy(response.Content, stall, patience, report);
        }
        catch (OperationCanceledException silence) when (!cancellation.IsCancellationRequested)
        {
            throw new TransferException($"{mirror.Host} does not answer", Outlook.MayRecover, silence);
        }
        catch (HttpRequestException broken)
        {
            throw Broken(broken);
        }
    }

    private async Task<HttpResponseMessage> Ask(CancellationToken cancellation)
    {
        var place = mirror;
        for (var redirections = 0; ; redirections++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, place);
            if (part.Length > 0)
                request.Headers.Range = new RangeHeaderValue(part.Length, null);
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            IsAnswered = true;
            place = Redirected(place, location);
            if (redirections == MostRedirections)
                throw new TransferException($"{mirror.Host} redirects more than {MostRedirections} times", Outlook.Hopeless);
        }
    }

    // What was asked for under encryption does not come without, and nothing comes from anywhere but the web.
    private Uri Redirected(Uri from, Uri location)
    {
        var target = new Uri(from, location);
        return target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? target
            : throw new TransferException(
                $"{mirror.Host} redirects from {from.Scheme} to {target.Scheme}, which is not followed", Outlook.Hopeless);
    }

    // A run that ended between the last byte and the renaming left a complete part, which has no rest to ask for.
    private bool IsComplete(HttpResponseMessage response)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                return false;
            case HttpStatusCode.RequestedRangeNotSatisfiable when response.Content.Headers.ContentRange?.Length == part.Length:
                return true;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                part.SetLength(0);
                throw new TransferException($"{mirror.Host} has less than is here", Outlook.MayRecover);
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                throw new TransferException($"{mirror.Host} answers {(int)response.StatusCode}", Outlook.MayRecover);
            default:
                throw new TransferException($"{mirror.Host} answers {(int)response.StatusCode}", Outlook.Hopeless);
        }
    }

    private async Task Copy(HttpContent content, TimeSpan stall, CancellationTokenSource patience, Action<DownloadEvent> report)
    {
        var total = part.Length + content.Headers.ContentLength;
        await using var body = await content.ReadAsStreamAsync(patience.Token);
        var buffer = new byte[1 << 17];
        var (since, before) = (clock.GetTimestamp(), part.Length);
        while (true)
        {
            patience.CancelAfter(stall);
            var count = await Read(body, buffer, patience.Token);
            if (count == 0)
                break;
            if (part.Length + count > download.AtMost)
            {
                part.SetLength(0);
                throw new TransferException($"{mirror.Host} sends more than {download.AtMost} bytes", Outlook.Hopeless);
            }
            part.Write(buffer.AsSpan(0, count));
            if (clock.GetElapsedTime(since) is var passed && passed >= floor.RateWindow)
            {
                // Asking again would not make it faster; the next mirror goes on from here.
                if (part.Length - before < floor.LeastRate * passed.TotalSeconds)
                    throw new TransferException($"{mirror.Host} sends less than {floor.LeastRate} bytes a second", Outlook.Hopeless);
                (since, before) = (clock.GetTimestamp(), part.Length);
            }
            report(new DownloadEvent.Progressed(download.FileName, part.Length, total));
        }
    }

    // Told apart from trouble with writing, which is not the mirror's.
    private async Task<int> Read(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellation);
        }
        catch (IOException broken)
        {
            throw Broken(broken);
        }
    }

    // Most messages name the host already.
    private TransferException Broken(Exception cause)
    {
        var reason = cause.Message.TrimEnd('.');
        return new(reason.Contains(mirror.Host, StringComparison.Ordinal) ? reason : $"{mirror.Host}: {reason}", Outlook.MayRecover, cause);
    }
}
