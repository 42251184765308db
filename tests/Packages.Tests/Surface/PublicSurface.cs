using System.Reflection;
using System.Runtime.CompilerServices;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>Everything of an assembly that a program elsewhere can name, a line each.</summary>
/// <remarks>
/// What the compiler makes of a record by itself (equality, printing, deconstruction) follows from its line and is left out.
/// </remarks>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Lists an assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>The lines: types in order of their names, each followed by its members in order of theirs.</returns>
    public static IReadOnlyList<string> Of(Assembly assembly) =>
    [
        .. assembly.GetTypes().Where(IsVisible)
            .Select(type => (Name: TypeText.Definition(type), Type: type))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .SelectMany(entry => Lines(entry.Type, entry.Name)),
    ];

    private static IEnumerable<string> Lines(Type type, string name)
    {
        var context = new NullabilityInfoContext();
        return type.GetMembers(Declared)
            .Select(member => (member.Name, Text: MemberText.Of(member, context)))
            .Where(member => member.Text is not null)
            .OrderBy(member => member.Name, StringComparer.Ordinal)
            .ThenBy(member => member.Text, StringComparer.Ordinal)
            .Select(member => $"{name}: {member.Text}")
            .Prepend(Head(type, name));
    }

    private static bool IsVisible(Type type) => type.IsNested
        ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
        : type.IsPublic;

    private static string Head(Type type, string name)
    {
        bool isRecord = type.GetMethod("PrintMembers", Declared) is not null;
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => Modifier(type.IsDefined(typeof(IsReadOnlyAttribute)), "readonly ")
                + Modifier(type.IsByRefLike, "ref ") + Modifier(isRecord, "record ") + "struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => Modifier(type.IsAbstract, "abstract ") + Modifier(type.IsSealed, "sealed ") + (isRecord ? "record" : "class"),
        };
        string flags = Modifier(type.IsDefined(typeof(FlagsAttribute)), "[Flags] ");
        string bases = type.IsEnum ? TypeText.Of(Enum.GetUnderlyingType(type)) : string.Join(", ", Bases(type));
        return flags + kind + " " + name + (bases.Length == 0 ? string.Empty : " : " + bases)
            + TypeText.Constraints(type.GetGenericArguments());
    }

    private static IEnumerable<string> Bases(Type type)
    {
        IEnumerable<Type> inherited = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            ? [parent]
            : [];
        IEnumerable<Type> ownInterfaces = type.GetInterfaces()
            .Where(candidate => candidate.IsVisible)
            .Except(type.BaseType?.GetInterfaces() ?? [])
            .Except(type.GetInterfaces().SelectMany(candidate => candidate.GetInterfaces()));
        return inherited.Select(TypeText.Of).Concat(ownInterfaces.Select(TypeText.Of).Order(StringComparer.Ordinal));
    }

    private static string Modifier(bool applies, string text) => applies ? text : string.Empty;
}
