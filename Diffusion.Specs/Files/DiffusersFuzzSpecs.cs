using System.Diagnostics;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Diffusers;

namespace Diffusion.Specs.Files;

/// <summary>The settings of diffusers, damaged: they are read, or refused in one line that names the file.</summary>
public sealed class DiffusersFuzzSpecs
{
    private const int Count = 20_000;
    private const long Allowance = 16 << 20;

    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ",", ":", "\"", "9", "000000000", "-1", "1e999", "0.5", "null", "true", "\\ud800", "\u00FF\u00FE",
        "\"in_channels\":",
        "\"conv\"", "\"beta_start\":0.5,", "\"trained_betas\":[0.1,\"\",2],", "\"num_class_embeds\":[],", "\"unet\":", "[[[[[[[[[[[[[[[[",
    ];

    [Fact]
    public void Damaged_configurations_of_networks_are_read_or_refused() =>
        Run(Real("config.json"), config => DiffusersNetwork.Read(config));

    [Fact]
    public void Damaged_configurations_of_schedulers_are_read_or_refused() =>
        Run(Real("scheduler/scheduler_config.json"), config => DiffusersScheduler.Read(config));

    [Fact]
    public void Damaged_configurations_of_schedulers_of_EDM_are_read_or_refused() => Run(
        """
        {"_class_name": "EDMDPMSolverMultistepScheduler", "sigma_min": 0.002, "sigma_max": 80, "sigma_data": 0.5, "rho": 7.0,
         "sigma_schedule": "karras", "prediction_type": "epsilon", "solver_order": 2, "thresholding": true, "sample_max_value": 1.0}
        """u8.ToArray(),
        config => DiffusersEdmScheduler.Read(config));

    [Fact]
    public void Damaged_indexes_of_pipelines_are_read_or_refused() => Run(
        """
        {"_class_name": "DDPMPipeline", "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]}
        """u8.ToArray(),
        config => DiffusersFolder.CheckIndex(config));

    private static byte[] Real(string name) => File.ReadAllBytes(Path.Combine(Repository.Golden, "reference", "unet-small", name));

    private static void Run(byte[] original, Action<DiffusersConfig> read)
    {
        var refused = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Count), Prop.ForAll(
            Mutation.Several([.. Words.Select(Encoding.Latin1.GetBytes)]).ToArbitrary(),
            mutations =>
            {
                var damaged = mutations.Aggregate(original, (file, mutation) => mutation.Apply(file));
                var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
                try
                {
                    read(DiffusersConfig.Of(damaged, "damaged"));
                }
                catch (InputException refusal)
                {
                    refused++;
                    Assert.StartsWith("damaged: found ", refusal.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain('\n', refusal.Message);
                }
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L * damaged.Length + Allowance);
                Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
            }));
        Assert.InRange(refused, Count / 5, Count - 1);
    }
}
