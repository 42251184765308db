using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>Debug builds refuse an MMU to a second thread; others do not look.</summary>
public sealed class OwnerThreadTests
{
    private const uint Linear = 0x5000;

#if DEBUG
    private const bool IsChecked = true;
#else
    private const bool IsChecked = false;
#endif

    private readonly StaleGuest _guest = new();

    public OwnerThreadTests() => _guest.SetPte(Linear, 0x1_0000 | StaleGuest.Flags);

    public static TheoryData<string> Uses { get; } =
    [
        nameof(Mmu.Read), nameof(Mmu.Write), nameof(Mmu.Translate), nameof(Mmu.Probe), nameof(Mmu.Explain), nameof(Mmu.Invlpg),
        nameof(Mmu.FlushPage), nameof(Mmu.FlushNonGlobal), nameof(Mmu.FlushAll), nameof(Mmu.WriteCr3), nameof(Mmu.Reset),
    ];

    private Mmu<RamBus, NoTiming> Mmu => _guest.Mmu;

    [Theory]
    [MemberData(nameof(Uses))]
    public void Use_FromASecondThread_IsRefusedInDebugBuilds(string use)
    {
        Exception? refusal = OnAnotherThread(() => Use(use));

        Assert.Equal(IsChecked, refusal is InvalidOperationException);
        Assert.True(refusal is null || refusal.Message.StartsWith("This MMU belongs to thread ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Uses))]
    public void Use_AfterTakingOver_IsAllowed(string use) => Assert.Null(OnAnotherThread(() =>
    {
        Mmu.TakeOver();
        Use(use);
    }));

    [Fact]
    public void Use_ByTheFormerOwner_IsRefusedInDebugBuilds()
    {
        OnAnotherThread(Mmu.TakeOver);

        Assert.Equal(IsChecked, Record.Exception(() => Use(nameof(Mmu.Read))) is InvalidOperationException);
    }

    private static Exception? OnAnotherThread(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(action));
        thread.Start();
        thread.Join();
        return thrown;
    }

    private void Use(string use)
    {
        switch (use)
        {
            case nameof(Mmu.Read):
                Mmu.Read(Linear, Access.UserRead, out byte _);
                break;
            case nameof(Mmu.Write):
                Mmu.Write(Linear, Access.UserWrite, (byte)1);
                break;
            case nameof(Mmu.Translate):
                Mmu.Translate(Linear, Access.UserRead);
                break;
            case nameof(Mmu.Probe):
                Mmu.Probe(Linear, Access.UserRead);
                break;
            case nameof(Mmu.Explain):
                Mmu.Explain(Linear, Access.UserRead);
                break;
            case nameof(Mmu.Invlpg):
                Mmu.Invlpg(Linear);
                break;
            case nameof(Mmu.FlushPage):
                Mmu.FlushPage(Linear);
                break;
            case nameof(Mmu.FlushNonGlobal):
                Mmu.FlushNonGlobal();
                break;
            case nameof(Mmu.FlushAll):
                Mmu.FlushAll();
                break;
            case nameof(Mmu.WriteCr3):
                Mmu.WriteCr3(Mmu.Cr3);
                break;
            default:
                Mmu.Reset();
                break;
        }
    }
}
