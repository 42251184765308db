using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Tests;

public class RandomProgramTests
{
    private const uint Page = 0x40_0000;
    private const ulong UserData = BareGuest.Present | BareGuest.Writable | BareGuest.User;

    // Whatever a program does, the worst that comes of it is the end of the run.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void AnyBytes_AtEitherPrivilege_RunWithoutAnExceptionOfTheHost(int privilege)
    {
        var random = new Random(privilege + 1);
        var ends = new HashSet<ProcessorStopKind?>();
        for (int i = 0; i < 300; i++)
        {
            var code = new byte[64];
            random.NextBytes(code);
            var guest = new BareGuest(code);
            if (privilege == 3)
            {
                guest.EnablePaging(Cr4.SupervisorAccessPrevention).Map(Page, 0x20_0000 | UserData).EnterUserMode(Page, Page + 0x800);
                guest.Store(0x20_0000, code);
            }

            for (int register = 0; register < 8; register++)
            {
                guest.State.General(register) = register == 4 ? guest.State.Esp : (uint)random.Next() & 0xFF_FFFF;
            }

            ends.Add(guest.Run(maxSteps: 300).Stopped?.Kind);
        }

        Assert.Contains(ProcessorStopKind.Halt, ends); // a handler was reached
    }
}
