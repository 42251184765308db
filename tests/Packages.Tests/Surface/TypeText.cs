using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>Types and values as C# writes them, with nullability.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>A type without nullability of references, as in a base list.</summary>
    public static string Of(Type type) => Of(type, nullability: null);

    /// <summary>A type with the nullability that its place in a signature gives it.</summary>
    public static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef || type.IsPointer)
        {
            // A reference type's nullability is reported for what a by-reference type refers to.
            return Of(type.GetElementType()!, nullability) + (type.IsPointer ? "*" : string.Empty);
        }

        string annotation = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : string.Empty;
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{annotation}";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        return (Keywords.GetValueOrDefault(type) ?? Named(type, nullability)) + annotation;
    }

    /// <summary>Full name of a definition, with the names of its type parameters.</summary>
    public static string Definition(Type type)
    {
        string name = Bare(type);
        Type[] parameters = type.GetGenericArguments();
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string own = parameters.Length > inherited
            ? $"<{string.Join(", ", parameters.Skip(inherited).Select(parameter => parameter.Name))}>"
            : string.Empty;
        return type.DeclaringType is { } outer ? $"{Definition(outer)}.{name}{own}" : $"{type.Namespace}.{name}{own}";
    }

    /// <summary>A constant or default value.</summary>
    public static string Value(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        bool truth => truth ? "true" : "false",
        string text => $"\"{text}\"",
        _ when type.IsEnum => $"({Of(type)})0x{Convert.ToUInt64(Enum.ToObject(type, value), CultureInfo.InvariantCulture):X}",
        byte or ushort or uint or ulong => Unsigned(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Type parameters' constraints, each with a space in front.</summary>
    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters.Select(Constraint));

    private static string Unsigned(ulong value) => value < 10 ? $"{value}" : $"0x{value:X}";

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        var words = new List<string>();
        bool isUnmanaged = parameter.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "IsUnmanagedAttribute");
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isUnmanaged || isStruct)
        {
            words.Add(isUnmanaged ? "unmanaged" : "struct");
        }
        else if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            words.Add("class");
        }

        words.AddRange(parameter.GetGenericParameterConstraints()
            .Where(type => type != typeof(ValueType))
            .Select(Of)
            .Order(StringComparer.Ordinal));
        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            words.Add("new()");
        }

        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike))
        {
            words.Add("allows ref struct");
        }

        return words.Count == 0 ? string.Empty : $" where {parameter.Name} : {string.Join(", ", words)}";
    }

    private static string Named(Type type, NullabilityInfo? nullability)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        Type[] arguments = type.GetGenericArguments();
        string[] texts = [.. arguments.Select((argument, i) => Of(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i)))];
        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType)
        {
            return $"({string.Join(", ", texts)})";
        }

        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string outer = type.DeclaringType is { } declaring
            ? Named(declaring.IsGenericTypeDefinition ? declaring.MakeGenericType(arguments[..inherited]) : declaring, null) + "."
            : string.Empty;
        return outer + Bare(type) + (texts.Length > inherited ? $"<{string.Join(", ", texts[inherited..])}>" : string.Empty);
    }

    private static string Bare(Type type)
    {
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? type.Name : type.Name[..arity];
    }
}
