using System.Diagnostics;
using System.Reflection;
using Diffusion.Host.Commands;
using Diffusion.Math.Likelihood;
using Diffusion.Model.Networks;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

public sealed class NumberLifetimeSpecs
{
    [Fact]
    public void Callers_of_libtorch_are_not_optimised_and_the_mathematics_is()
    {
        bool IsOptimised(Type type) => !(type.Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled ?? false);
        Assert.All([typeof(UNet), typeof(Entrance), typeof(NumberLifetimeSpecs)], type => Assert.False(IsOptimised(type), type.Assembly.FullName));
        Assert.True(IsOptimised(typeof(VariationalBound)));
    }

    [Fact]
    public void A_number_that_libtorch_is_given_outlives_the_call_whatever_the_collector_does()
    {
        var stop = false;
        var collecting = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();
        try
        {
            using var numbers = ones(4, float64);
            for (var turn = 0; turn < 20_000; turn++)
                numbers.mul_(turn % 2 == 0 ? 2.0 : 0.5);
            Assert.Equal([1, 1, 1, 1], numbers.data<double>().ToArray());
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collecting.Join();
        }
    }
}
