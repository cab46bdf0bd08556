using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

var terminal = Terminal.OfConsole();
using var interruption = new Interruption(terminal.Error);
return (int)Entrance.Run(args, terminal, interruption.Stopping);
