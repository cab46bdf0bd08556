using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Diffusion.Host.Studio.Web;

/// <summary>Who may ask the studio: programs of this machine and its own pages; over the network those that know a token.</summary>
/// <remarks>
/// A page of another site can have the browser send requests here. It cannot forge the header Origin, and, whatever its own name is made to
/// resolve to (DNS rebinding), the header Host holds that name. So a foreign one of either is refused.
/// </remarks>
/// <param name="options">Where the studio listens.</param>
internal sealed class Gate(StudioOptions options)
{
    private const string Cookie = "diffusion-studio";
    private const string Query = "token";
    private const string Bearer = "Bearer ";

    /// <summary>What a client has to know; null where only this machine is listened to.</summary>
    public string? Token { get; } = options.IsLoopback ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Lets a request through, or answers it.</summary>
    public async Task Pass(HttpContext context, Func<Task> onward)
    {
        var (request, response) = (context.Request, context.Response);
        if (!IsOwn(request.Host, context.Connection.LocalPort))
            await Refuse(context, StatusCodes.Status421MisdirectedRequest, "the header Host names another machine");
        else if (IsForeign(request))
            await Refuse(context, StatusCodes.Status403Forbidden, "the request comes from a page of another origin");
        else if (Token is { } token && IsToken(request.Query[Query], token))
        {
            response.Cookies.Append(Cookie, token, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
            // Without the token, which would else stay in the history of the browser.
            response.Redirect(request.Path.HasValue ? request.Path.ToUriComponent() : "/");
        }
        else if (Token is { } wanted && !IsToken(request.Cookies[Cookie], wanted) && !IsToken(Authorisation(request), wanted))
            await Refuse(context, StatusCodes.Status401Unauthorized, "a token is needed: the program printed an address with it");
        else
            await onward();
    }

    private bool IsOwn(HostString host, int port)
    {
        if (!host.HasValue || (host.Port ?? 80) != port)
            return false;
        return host.Host is "localhost" or "127.0.0.1" or "[::1]" || host.Host == options.Host || host.Host == $"[{options.Host}]"
            // Over the network by any address or by the machine's name: a token is asked for.
            || (Token is not null && (IPAddress.TryParse(host.Host, out _)
                || host.Host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase)));
    }

    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers.Origin is [{ } origin, ..])
            return !origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
        // A link from elsewhere may lead to a page; nothing is read or done by it.
        return request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"]
            && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] is ["navigate"]);
    }

    private static string? Authorisation(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.Ordinal)
            ? header[Bearer.Length..] : null;

    // In a time that does not tell how much of it is right.
    private static bool IsToken(string? given, string token) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(token));

    private static Task Refuse(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new Fault(reason));
    }
}
