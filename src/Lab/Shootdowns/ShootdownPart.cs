using X86Pae.Smp;

namespace X86Pae.Lab.Shootdowns;

/// <summary>One part of a shootdown as reports show it.</summary>
/// <param name="Name">Its name in the table and the chart.</param>
/// <param name="Member">Its name in JSON.</param>
/// <param name="Colour">Its colour in the chart; each can be told from the others on a light and on a dark ground.</param>
/// <param name="Cycles">Its cycles.</param>
public sealed record ShootdownPart(string Name, string Member, string Colour, Func<ShootdownParts, long> Cycles)
{
    /// <summary>All parts, in the order of time; they add up to the total.</summary>
    public static IReadOnlyList<ShootdownPart> All { get; } =
    [
        new("local flush", "localFlush", "#9467bd", parts => parts.LocalFlush),
        new("set-up", "setup", "#4e79a7", parts => parts.Setup),
        new("send", "send", "#76b7b2", parts => parts.Send),
        new("wire", "wire", "#f28e2b", parts => parts.Wire),
        new("acceptance", "acceptance", "#e15759", parts => parts.Acceptance),
        new("entry", "entry", "#59a14f", parts => parts.Entry),
        new("EOI", "endOfInterrupt", "#b6992d", parts => parts.EndOfInterrupt),
        new("handler", "handler", "#8c8c8c", parts => parts.Handler),
        new("flush", "flush", "#d37295", parts => parts.Flush),
        new("acknowledge", "acknowledgement", "#b07aa1", parts => parts.Acknowledgement),
        new("observe", "observation", "#9c755f", parts => parts.Observation),
    ];
}
