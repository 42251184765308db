using X86Pae.GuestRunner.Running;

namespace X86Pae.GuestRunner.Devices;

/// <summary>A write switches the machine off, whatever the value.</summary>
/// <param name="control">The switch.</param>
internal sealed class ExitPort(RunControl control) : IPortDevice
{
    public const ushort Port = 0xF4;

    public uint In(int size) => uint.MaxValue;

    public void Out(int size, uint value) => control.Stop(new RunEnd(RunEndKind.Exit, $"the program ended with {value:X}h"));
}
