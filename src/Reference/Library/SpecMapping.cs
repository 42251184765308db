using X86Pae.Paging;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Library;

/// <summary>The only place where the types of the specification and of the library meet.</summary>
internal static class SpecMapping
{
    public static CpuFeatures ToLibrary(this SpecFeatures features) => new()
    {
        MaxPhyAddr = features.MaxPhyAddr,
        Pae = features.Pae,
        Pse = features.Pse,
        Pse36 = features.Pse36,
        Pge = features.Pge,
        Pat = features.Pat,
        Nx = features.Nx,
        Smep = features.Smep,
        Smap = features.Smap,
        Invpcid = features.Invpcid,
        OtherCr4 = (Cr4)features.OtherCr4,
    };

    public static PagingOptions ToLibrary(this SpecOptions options) => new()
    {
        PdpteMode = options.PdpteOnDemand ? PdpteMode.WalkOnDemand : PdpteMode.Registers,
        CheckReservedInNotPresentPdpte = options.CheckReservedInNotPresentPdpte,
        FaultAccessedPolicy = options.AccessedOnlyOnSuccess ? FaultAccessedPolicy.None : FaultAccessedPolicy.PdeSet,
        TaskSwitchPdpteFault = options.TaskSwitchRaisesInvalidTss
            ? TaskSwitchPdpteFault.InvalidTss
            : TaskSwitchPdpteFault.GeneralProtection,
        TlbPermissionMiss = options.FaultsFromCachedRights ? TlbPermissionMiss.FaultNow : TlbPermissionMiss.Rewalk,
    };

    public static Access ToLibrary(this SpecAccess access) => new(
        access.Kind switch
        {
            SpecKind.Read => AccessKind.Read,
            SpecKind.Write => AccessKind.Write,
            SpecKind.Fetch => AccessKind.Fetch,
            _ => AccessKind.ReadModifyWrite,
        },
        access.Mode switch
        {
            SpecMode.User => AccessMode.User,
            SpecMode.Supervisor => AccessMode.Supervisor,
            _ => AccessMode.SupervisorImplicit,
        },
        access.AlignmentCheck);

    public static SpecOutcome ToSpec(this WalkResult result)
    {
        if (result.IsFault)
        {
            return SpecOutcome.PageFault((uint)result.Fault.ErrorCode, result.Fault.Cr2);
        }

        PageAttributes attributes = result.Attributes;
        return new SpecOutcome
        {
            PhysicalAddress = result.PhysicalAddress,
            User = attributes.HasFlag(PageAttributes.User),
            Writable = attributes.HasFlag(PageAttributes.Writable),
            ExecuteDisable = attributes.HasFlag(PageAttributes.ExecuteDisable),
            PatIndex = (attributes.HasFlag(PageAttributes.Pat) ? 4 : 0)
                + (attributes.HasFlag(PageAttributes.CacheDisable) ? 2 : 0)
                + (attributes.HasFlag(PageAttributes.WriteThrough) ? 1 : 0),
            Dirty = attributes.HasFlag(PageAttributes.Dirty),
            Global = attributes.HasFlag(PageAttributes.Global),
            LargePage = attributes.HasFlag(PageAttributes.Large),
        };
    }

    public static SpecTaskSwitch ToSpec(this TaskSwitchLoad load) => load switch
    {
        TaskSwitchLoad.Done => SpecTaskSwitch.Loaded,
        TaskSwitchLoad.GeneralProtection => SpecTaskSwitch.GeneralProtection,
        _ => SpecTaskSwitch.InvalidTss,
    };

    public static SpecInstruction ToSpec(this InstructionFault fault) => fault switch
    {
        InstructionFault.None => SpecInstruction.Done,
        InstructionFault.UndefinedOpcode => SpecInstruction.UndefinedOpcode,
        _ => SpecInstruction.GeneralProtection,
    };

    public static Invalidation ToLibrary(this SpecInvalidation invalidation) => invalidation switch
    {
        SpecInvalidation.None => Invalidation.None,
        SpecInvalidation.NonGlobal => Invalidation.NonGlobal,
        _ => Invalidation.All,
    };

    public static SpecInvalidation ToSpec(this Invalidation invalidation) => invalidation switch
    {
        Invalidation.None => SpecInvalidation.None,
        Invalidation.NonGlobal => SpecInvalidation.NonGlobal,
        _ => SpecInvalidation.All,
    };
}
