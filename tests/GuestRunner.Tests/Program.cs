using Iced.Intel;
using X86Pae.GuestRunner.Machine;

namespace X86Pae.GuestRunner.Tests;

/// <summary>A program for the load address of the machine.</summary>
internal static class Program
{
    public static byte[] Assemble(Action<Assembler> program)
    {
        var assembler = new Assembler(32);
        program(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), GuestMachine.LoadAddress);
        return code.ToArray();
    }
}
