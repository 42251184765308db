namespace X86Pae.Timing;

/// <summary>The costs of a CPU model that an MMU's work is charged by, in cycles; 0 for what the processor does not have.</summary>
/// <param name="model">The model.</param>
internal sealed class OperationCosts(CpuModel model)
{
    /// <summary>A load that misses the level only loads use.</summary>
    public readonly int LoadLevelMiss = model.LoadLevelMiss?.Value ?? 0;

    /// <summary>Asking the second level of TLB.</summary>
    public readonly int SecondLevelHit = model.SecondLevelHit?.Value ?? 0;

    /// <summary>Fixed part of a walk.</summary>
    public readonly int WalkFixed = model.WalkFixed.Value;

    /// <summary>Setting A or D.</summary>
    public readonly int AccessedDirtyAssist = model.AccessedDirtyAssist.Value;

    /// <summary>INVLPG.</summary>
    public readonly int Invlpg = model.Invlpg.Value;

    /// <summary>INVPCID; a processor that lacks it is charged INVLPG, the nearest there is that drops one page.</summary>
    public readonly int Invpcid = (model.Invpcid ?? model.Invlpg).Value;

    /// <summary>MOV to CR3.</summary>
    public readonly int MovCr3 = model.MovCr3.Value;

    /// <summary>A pair of MOV to CR4 that clears and sets PGE.</summary>
    public readonly int PgeTogglePair = model.PgeTogglePair.Value;
}
