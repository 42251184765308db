using System.Reflection;
using System.Runtime.CompilerServices;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>One member as a line of C# without its body.</summary>
internal static class MemberText
{
    /// <summary>Writes a member.</summary>
    /// <param name="member">The member.</param>
    /// <param name="nullability">Which references may be null.</param>
    /// <returns>The line; null for what cannot be named from elsewhere, or follows from another line.</returns>
    public static string? Of(MemberInfo member, NullabilityInfoContext nullability) => member switch
    {
        FieldInfo field when IsVisible(field) && !field.IsSpecialName => Field(field, nullability),
        ConstructorInfo constructor when IsVisible(constructor) && !IsGenerated(constructor) =>
            Access(constructor) + Modifiers(constructor) + "this" + Parameters(constructor, nullability),
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) && !IsGenerated(property) =>
            Property(property, nullability),
        MethodInfo method when IsVisible(method) && !IsGenerated(method) && !IsAccessor(method) => Method(method, nullability),
        EventInfo occurrence when IsVisible(occurrence.AddMethod!) =>
            $"event {TypeText.Of(occurrence.EventHandlerType!, nullability.Create(occurrence))} {occurrence.Name}",
        _ => null,
    };

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Field(FieldInfo field, NullabilityInfoContext nullability)
    {
        if (field.DeclaringType!.IsEnum)
        {
            Type underlying = Enum.GetUnderlyingType(field.DeclaringType);
            return $"{field.Name} = {TypeText.Value(Convert.ChangeType(field.GetRawConstantValue(), underlying, null), underlying)}";
        }

        string modifiers = field.IsLiteral ? "const " : Word(field.IsStatic, "static ") + Word(field.IsInitOnly, "readonly ");
        string value = field.IsLiteral ? $" = {TypeText.Value(field.GetRawConstantValue(), field.FieldType)}" : string.Empty;
        return modifiers + TypeText.Of(field.FieldType, nullability.Create(field)) + " " + field.Name + value;
    }

    private static string Property(PropertyInfo property, NullabilityInfoContext nullability)
    {
        MethodInfo accessor = property.GetAccessors(nonPublic: true).First(IsVisible);
        string indices = property.GetIndexParameters() is { Length: > 0 } parameters
            ? $"[{string.Join(", ", parameters.Select(parameter => Parameter(parameter, nullability)))}]"
            : string.Empty;
        string accessors = string.Concat(
            new[] { (property.GetMethod, "get; "), (property.SetMethod, IsInit(property) ? "init; " : "set; ") }
                .Where(pair => pair.Item1 is { } method && IsVisible(method))
                .Select(pair => Access(pair.Item1!) + pair.Item2));
        return Word(property.IsDefined(typeof(RequiredMemberAttribute)), "required ") + Modifiers(accessor)
            + ByReference(property.PropertyType, property.GetRequiredCustomModifiers())
            + TypeText.Of(property.PropertyType, nullability.Create(property)) + " "
            + (indices.Length == 0 ? property.Name : "this" + indices) + " { " + accessors + "}";
    }

    private static string Method(MethodInfo method, NullabilityInfoContext nullability)
    {
        Type[] typeParameters = method.GetGenericArguments();
        string generic = typeParameters.Length == 0 ? string.Empty : $"<{string.Join(", ", typeParameters.Select(type => type.Name))}>";
        return Access(method) + Modifiers(method)
            + ByReference(method.ReturnType, method.ReturnParameter.GetRequiredCustomModifiers())
            + TypeText.Of(method.ReturnType, nullability.Create(method.ReturnParameter)) + " " + method.Name + generic
            + Parameters(method, nullability) + TypeText.Constraints(typeParameters);
    }

    private static string Parameters(MethodBase method, NullabilityInfoContext nullability) =>
        $"({string.Join(", ", method.GetParameters().Select(parameter => Parameter(parameter, nullability)))})";

    private static string Parameter(ParameterInfo parameter, NullabilityInfoContext nullability)
    {
        string prefix = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) =>
                "params ",
            _ => string.Empty,
        };
        string value = parameter.HasDefaultValue
            ? $" = {TypeText.Value(parameter.RawDefaultValue, parameter.ParameterType)}"
            : string.Empty;
        return prefix + TypeText.Of(parameter.ParameterType, nullability.Create(parameter)) + " " + parameter.Name + value;
    }

    private static string Modifiers(MethodBase method)
    {
        bool inInterface = method.DeclaringType!.IsInterface;
        bool isOverride = method is MethodInfo { IsVirtual: true } info && info.GetBaseDefinition() != info;
        bool isReadOnly = !method.IsSpecialName && method.IsDefined(typeof(IsReadOnlyAttribute));
        return Word(method.IsStatic, "static ")
            + Word(isOverride, "override ")
            + Word(!isOverride && method.IsAbstract && (!inInterface || method.IsStatic), "abstract ")
            + Word(!isOverride && method is { IsVirtual: true, IsFinal: false, IsAbstract: false }, "virtual ")
            + Word(isReadOnly, "readonly ");
    }

    private static string Access(MethodBase method) => Word(!method.IsPublic, "protected ");

    private static bool IsInit(PropertyInfo property) => property.SetMethod is { } setter
        && setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string ByReference(Type type, Type[] modifiers) =>
        !type.IsByRef ? string.Empty : modifiers.Any(modifier => modifier.Name == "InAttribute") ? "ref readonly " : "ref ";

    private static string Word(bool applies, string word) => applies ? word : string.Empty;
}
