using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Microsoft.AspNetCore.Http;
using System.Text.Json;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Web;

/// <summary>Why a request is refused: what every answer of the API with an error status holds.</summary>
/// <param name="Error">One line: what is wrong, and what to do.</param>
public sealed record Fault(string Error);

/// <summary>A request that cannot be carried out, with the status that says why.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="reason">One line.</param>
internal sealed class RefusedException(int status, string reason) : Exception(reason)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>There is no such thing.</summary>
    public static RefusedException NotFound(string what) => new(StatusCodes.Status404NotFound, what);

    /// <summary>Refuses what a client asks for, where it is not right.</summary>
    /// <param name="isRight">Whether it is.</param>
    /// <param name="otherwise">The setting, and what it may be.</param>
    public static void Unless(bool isRight, string otherwise)
    {
        if (!isRight)
            throw new RefusedException(StatusCodes.Status400BadRequest, otherwise);
    }

    /// <summary>It is there, and in the way.</summary>
    public static RefusedException Conflict(string what) => new(StatusCodes.Status409Conflict, what);
}

/// <summary>Turns whatever a request fails with into a status and one line.</summary>
/// <param name="layout">What pages share.</param>
/// <param name="session">Receives failures that are the program's own.</param>
internal sealed class Faults(Layout layout, Session session)
{
    private const int LongestReason = 400;

    /// <summary>Carries a request out, and answers for its failures.</summary>
    public async Task Answer(HttpContext context, Func<Task> onward)
    {
        try
        {
            await onward();
            if (context.Response is { HasStarted: false, StatusCode: >= 400 and var status })
                await Write(context, ReasonOf(status));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to receive it.
        }
        catch (Exception trouble)
        {
            if (StatusOf(trouble) == StatusCodes.Status500InternalServerError)
                foreach (var line in $"{context.Request.Method} {context.Request.Path}: {trouble}".Split('\n'))
                    session.Detail(line);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }
            context.Response.Clear();
            context.Response.StatusCode = StatusOf(trouble);
            await Write(context, ReasonOf(trouble));
        }
    }

    // To a program as JSON, to a person as a page.
    private Task Write(HttpContext context, string reason)
    {
        if (context.Request.Path.StartsWithSegments("/api") || !$"{context.Request.Headers.Accept}".Contains("text/html"))
            return context.Response.WriteAsJsonAsync(new Fault(reason));
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(layout.Whole(
            "Not shown", null, Tag("header.page", Tag("h1", "Not shown"), Tag("p.lead", $"{reason}."))));
    }

    /// <summary>The line that a person is shown.</summary>
    public static string ReasonOf(Exception trouble) => PlainText.Elided(PlainText.OneLine(trouble switch
    {
        BadHttpRequestException { InnerException: JsonException json } => Sentence.Of(json.Message.Split(" LineNumber:")[0]),
        OperationCanceledException => "the studio is stopping",
        _ => Sentence.Of(trouble),
    }), LongestReason);

    // What the server refuses without a word.
    private static string ReasonOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "no such page",
        StatusCodes.Status405MethodNotAllowed => "another method is expected",
        StatusCodes.Status413PayloadTooLarge => "the body is too large",
        StatusCodes.Status415UnsupportedMediaType => "a body of the type application/json is expected",
        _ => "the request cannot be read",
    };

    private static int StatusOf(Exception trouble) => trouble switch
    {
        RefusedException refused => refused.Status,
        BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException => StatusCodes.Status503ServiceUnavailable,
        IOException or ArgumentException or JsonException or FormatException or DivergenceException or NotFiniteNumberException
            or UnauthorizedAccessException => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status500InternalServerError,
    };
}
