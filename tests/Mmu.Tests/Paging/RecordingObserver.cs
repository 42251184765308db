using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Writes down what a walk shows it.</summary>
internal readonly struct RecordingObserver(List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen) : IWalkObserver
{
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry) => seen.Add(("load", level, address, entry));

    public void EntryUpdated(WalkLevel level, ulong address, ulong entry) => seen.Add(("update", level, address, entry));
}
