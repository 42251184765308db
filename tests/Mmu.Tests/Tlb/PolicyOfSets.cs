using System.Runtime.InteropServices;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>A replacement policy with the state of some sets, of an array that is not there.</summary>
internal sealed unsafe class PolicyOfSets
{
    private readonly ReplacementPolicy _policy;
    private readonly ulong[] _states; // pinned

    public PolicyOfSets(Replacement policy, int sets, int ways)
    {
        _policy = new ReplacementPolicy(policy, ways);
        _states = GC.AllocateArray<ulong>(Math.Max(1, sets * _policy.WordsInSet), pinned: true); // a word is there even without state
        for (int set = 0; set < sets && ways > 1; set++)
        {
            _policy.Initialise(StateOf(set));
        }
    }

    public void Touch(int set, int way) => _policy.Touch(StateOf(set), way);

    public void Fill(int set, int way) => _policy.Fill(StateOf(set), way);

    public int Victim(int set) => _policy.Victim(StateOf(set));

    private ulong* StateOf(int set) => (ulong*)Marshal.UnsafeAddrOfPinnedArrayElement(_states, 0) + (set * _policy.WordsInSet);
}
