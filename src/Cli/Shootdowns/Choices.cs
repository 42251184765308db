using X86Pae.Cli.Commands;
using X86Pae.Smp;

namespace X86Pae.Cli.Shootdowns;

/// <summary>The choices of a shootdown by the names that the command line and JSON have for them.</summary>
internal static class Choices
{
    public static Choice<IpiDelivery> Delivery { get; } = new(
        ("all-but-self", IpiDelivery.AllButSelf), ("logical", IpiDelivery.Logical), ("physical", IpiDelivery.PhysicalUnicast));

    public static Choice<RequestPassing> Requests { get; } = new(
        ("queues", RequestPassing.QueuePerTarget), ("shared", RequestPassing.SharedMessage));

    public static Choice<Acknowledgement> Acknowledgement { get; } = new(
        ("flags", Smp.Acknowledgement.PerCpuFlags), ("counter", Smp.Acknowledgement.SharedCounter));

    public static Choice<LocalFlush> LocalFlush { get; } = new(
        ("overlapped", Smp.LocalFlush.Overlapped), ("first", Smp.LocalFlush.First));
}
