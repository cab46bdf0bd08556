using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Studio.Pages;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using System.Text.Json.Serialization;

namespace Diffusion.Host.Studio;

/// <summary>The studio at work, from its start to its end.</summary>
internal sealed class StudioServer : IDisposable
{
    private const long LargestBody = 256 << 10;
    private const int MostConnections = 256;

    private readonly StudioContext _studio;
    private readonly WebApplication _site;

    private StudioServer(StudioContext studio, WebApplication site, string address) => (_studio, _site, Address) = (studio, site, address);

    /// <summary>What a browser is given, with the token where one is asked for.</summary>
    public string Address { get; }

    /// <summary>Starts it.</summary>
    /// <exception cref="InputException">There is no such address, or another program listens at it.</exception>
    public static StudioServer Start(StudioOptions options, Session session)
    {
        var endpoint = new IPEndPoint(AddressOf(options.Host), options.Port);
        if (File.Exists(options.Runs))
            throw new InputException("--runs", $"{options.Runs}, a file", "a folder of runs, which need not be there yet");
        var studio = new StudioContext(options, session);
        var gate = new Gate(options);
        var site = Site(endpoint, studio, gate, session);
        try
        {
            site.Start();
        }
        catch (IOException taken) when (taken.InnerException is not null)
        {
            studio.Dispose();
            throw new InputException(
                "--port", $"{endpoint.Port}, where nothing can be listened at: {Sentence.Of(taken.InnerException)}",
                "a free port, or 0 for any that is free");
        }
        var port = new Uri(site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        var reached = Reachable(endpoint.Address)?.ToString() ?? options.Host;
        var host = reached.Contains(':') ? $"[{reached}]" : reached;
        return new(studio, site, $"http://{host}:{port}/{(gate.Token is { } token ? $"?token={token}" : "")}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Streams of events would else be waited for.
        _studio.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        _site.StopAsync(patience.Token).GetAwaiter().GetResult();
        ((IDisposable)_site).Dispose();
    }

    // Nothing but what is named here: no files of settings, no variables of the environment, no log.
    private static WebApplication Site(IPEndPoint endpoint, StudioContext studio, Gate gate, Session session)
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new() { ApplicationName = "diffusion", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(endpoint, listening => listening.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            var limits = kestrel.Limits;
            limits.MaxRequestBodySize = LargestBody;
            limits.MaxConcurrentConnections = MostConnections;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            limits.MinRequestBodyDataRate = new(4096, TimeSpan.FromSeconds(5));
        });
        var services = builder.Services;
        services.AddSingleton<IHostLifetime, UntilDisposed>();
        services.AddRoutingCore();
        services.AddOpenApi();
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        var site = builder.Build();
        var pages = StudioPages.Of(studio);
        var faults = new Faults(new(pages), session);
        site.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
                + "frame-ancestors 'none'; form-action 'self'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.CacheControl = "no-store";
            return faults.Answer(context, () => gate.Pass(context, () => next(context)));
        });
        site.UseRouting();
        site.UseEndpoints(_ => { });
        Map(site, pages);
        return site;
    }

    private static void Map(WebApplication site, Sequence<StudioPage> pages)
    {
        var layout = new Layout(pages);
        IResult Page(string html) => Results.Content(html, "text/html; charset=utf-8");
        site.MapGet("/", () => Page(HomePage.Of(layout))).ExcludeFromDescription();
        site.MapGet($"{StudioAssets.Folder}/{{name}}", StudioAssets.Serve).ExcludeFromDescription();
        foreach (var page in pages)
        {
            site.MapGet($"/{page.Name}", () => Page(layout.Of(page))).ExcludeFromDescription();
            foreach (var view in page.Views)
                site.MapGet($"/{page.Name}/{view.Path}", (HttpRequest request) => Page(view.Write(layout, request)))
                    .ExcludeFromDescription();
            foreach (var route in page.Routes)
                site.MapMethods($"/api{route.Path}", [route.Method], route.Handler).WithSummary(route.Summary).WithTags(page.Title);
        }
        site.MapOpenApi("/api/openapi.json");
    }

    // No browser can go to 0.0.0.0, which means every address of this machine: one that other machines see, or else its own.
    private static IPAddress? Reachable(IPAddress listened) => !listened.Equals(IPAddress.Any) && !listened.Equals(IPAddress.IPv6Any)
        ? null
        : NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address))
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
            ?? (listened.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);

    private static IPAddress AddressOf(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return address;
        try
        {
            return host == "localhost" ? IPAddress.Loopback : Dns.GetHostAddresses(host)[0];
        }
        catch (Exception unknown) when (unknown is SocketException or ArgumentException)
        {
            throw new InputException("--host", host, "an address of this machine, such as 127.0.0.1 or 0.0.0.0");
        }
    }

    // The command listens to signals itself.
    private sealed class UntilDisposed : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
