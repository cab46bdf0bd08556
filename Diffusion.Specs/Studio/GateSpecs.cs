using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Diffusion.Host.Studio.Web;

namespace Diffusion.Specs.Studio;

/// <summary>Who may ask the studio, and for what.</summary>
[Collection(StudioCollection.Name)]
public sealed partial class GateSpecs(StudioFixture studio)
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1.evil.example:{port}")]
    public async Task A_request_for_another_host_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/models");
        request.Headers.Host = host.Replace("{port}", $"{studio.Address.Port}", StringComparison.Ordinal);
        using var answer = await studio.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_request_for_this_machine_is_answered(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/models");
        request.Headers.Host = $"{name}:{studio.Address.Port}";
        using var answer = await studio.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "https://127.0.0.1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_request_of_a_page_of_another_origin_is_refused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/samples")
        {
            Content = JsonContent.Create(new { model = "digits" }),
        };
        request.Headers.Add(header, value);
        using var answer = await studio.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Every_page_of_the_navigation_is_there_with_its_module()
    {
        var home = await studio.Client.GetStringAsync("/");
        var pages = Entry().Matches(home).Select(entry => entry.Groups[1].Value).Distinct().ToList();
        Assert.Contains("sample", pages);
        foreach (var page in pages)
        {
            Assert.Contains("aria-current=\"page\"", await studio.Client.GetStringAsync(page), StringComparison.Ordinal);
            using var module = await studio.Client.GetAsync($"assets/{page}.js");
            Assert.Equal("text/javascript", module.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task Pages_forbid_foreign_content_and_frames()
    {
        using var answer = await studio.Client.GetAsync("sample");
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs/../secret.txt")]
    [InlineData("runs/..%2Fsecret.txt")]
    [InlineData("runs/%2e%2e/%2e%2e/etc")]
    [InlineData("api/runs/file?run=..&file=secret.txt")]
    [InlineData("api/runs/file?run=.&file=../secret.txt")]
    [InlineData("api/runs/file?run=.&file=/etc/passwd")]
    [InlineData("api/runs/file?run=%2Fetc&file=passwd")]
    [InlineData("api/runs/file?run=a%00b&file=x.png")]
    [InlineData("assets/..%2f..%2fdiffusion.dll")]
    public async Task Nothing_outside_the_folder_of_runs_is_reached(string path)
    {
        var answer = await Raw($"GET /{path} HTTP/1.1\r\nHost: localhost:{studio.Address.Port}\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_the_network_a_token_is_asked_for()
    {
        using var server = studio.Start(new() { Host = "0.0.0.0" });
        var address = new UriBuilder(server.Address) { Host = "127.0.0.1" }.Uri;
        Assert.Matches(@"^\?token=[0-9a-f]{32}$", address.Query);
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/models")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/?token=0")).StatusCode);
        var answer = await client.GetAsync(address);
        Assert.Equal(("/", HttpStatusCode.Redirect), (answer.Headers.Location!.ToString(), answer.StatusCode));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/models")).StatusCode);
        using var program = new HttpClient { BaseAddress = address };
        program.DefaultRequestHeaders.Authorization = new("Bearer", address.Query["?token=".Length..]);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/models")).StatusCode);
    }

    [Fact]
    public async Task The_address_that_is_printed_for_every_address_of_the_machine_leads_there()
    {
        using var server = studio.Start(new() { Host = "0.0.0.0" });
        Assert.NotEqual("0.0.0.0", new Uri(server.Address).Host);
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(server.Address)).StatusCode);
    }

    [Fact]
    public void A_file_is_no_folder_of_runs()
    {
        var file = Path.GetTempFileName();
        try
        {
            var refusal = Assert.Throws<Diffusion.Model.Files.InputException>(() => studio.Start(new() { Runs = file }));
            Assert.StartsWith($"--runs: found {file}, a file; expected a folder of runs", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_no_question_is_refused_in_one_line()
    {
        foreach (var (body, status) in new (string, HttpStatusCode)[]
        {
            (new string(' ', 300_000), HttpStatusCode.RequestEntityTooLarge), ("", HttpStatusCode.BadRequest),
            ("[]", HttpStatusCode.BadRequest), ("{\"model\":\"digits\",\"colour\":1}", HttpStatusCode.BadRequest),
            ("{\"model\":\"digits\",\"steps\":1e99}", HttpStatusCode.BadRequest),
            ("{\"model\":\"digits\",\"steps\":1001}", HttpStatusCode.BadRequest),
            ("{\"model\":\"digits\",\"count\":65}", HttpStatusCode.BadRequest),
            ("{\"model\":\"../digits\"}", HttpStatusCode.NotFound), ("{\"model\":null}", HttpStatusCode.BadRequest),
        })
        {
            using var answer = await studio.Client.PostAsync("api/samples", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal(status, answer.StatusCode);
            var fault = await answer.Content.ReadFromJsonAsync<Fault>();
            Assert.DoesNotContain('\n', fault!.Error);
            Assert.NotEmpty(fault.Error);
        }
    }

    [Fact]
    public async Task A_form_of_another_page_cannot_ask()
    {
        using var answer = await studio.Client.PostAsync(
            "api/samples", new StringContent("{\"model\":\"digits\"}", Encoding.UTF8, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    private async Task<string> Raw(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, studio.Address.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("<li><a href=\"/([a-z]+)\"")]
    private static partial Regex Entry();
}
