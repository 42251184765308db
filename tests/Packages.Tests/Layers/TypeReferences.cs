using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;

namespace X86Pae.Packages.Tests.Layers;

/// <summary>A type of an assembly that mentions another of the same assembly, in a declaration or in the code of a method.</summary>
/// <param name="From">The type that mentions.</param>
/// <param name="To">The type that is mentioned.</param>
internal readonly record struct TypeReference(Type From, Type To);

/// <summary>
/// Reads from metadata and method bodies which types of an assembly mention which. A constant leaves no trace there, because the
/// compiler copies its value; neither does a doc comment.
/// </summary>
internal static class TypeReferences
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
        | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly FrozenDictionary<ushort, OpCode> OpCodeOfValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToFrozenDictionary(opCode => (ushort)opCode.Value);

    /// <summary>All references within an assembly. Both types are outermost ones or nested in them, never arrays or constructed.</summary>
    public static IEnumerable<TypeReference> Within(Assembly assembly) =>
        from type in assembly.GetTypes()
        from mentioned in Mentioned(type).SelectMany(Parts).Distinct()
        where mentioned.Assembly == assembly && mentioned != type
        select new TypeReference(type, mentioned);

    private static IEnumerable<Type> Mentioned(Type type)
    {
        IEnumerable<Type> declaration =
        [
            .. type.BaseType is { } @base ? [@base] : Type.EmptyTypes,
            .. type.GetInterfaces(),
            .. Constraints(type.GetGenericArguments()),
            .. Attributes(type),
            .. type.GetFields(Declared).SelectMany(field => Attributes(field).Append(field.FieldType)),
            .. type.GetProperties(Declared).SelectMany(Attributes),
        ];
        IEnumerable<MethodBase> methods = [.. type.GetMethods(Declared), .. type.GetConstructors(Declared)];
        return declaration.Concat(methods.SelectMany(Mentioned));
    }

    private static IEnumerable<Type> Mentioned(MethodBase method) =>
    [
        .. method is MethodInfo { ReturnType: { } result } ? [result] : Type.EmptyTypes,
        .. method.IsGenericMethod ? Constraints(method.GetGenericArguments()) : [],
        .. Attributes(method),
        .. method.GetParameters().Select(parameter => parameter.ParameterType),
        .. method.GetMethodBody() is { } body ? Mentioned(method, body) : [],
    ];

    private static IEnumerable<Type> Mentioned(MethodBase method, MethodBody body) =>
    [
        .. body.LocalVariables.Select(local => local.LocalType),
        .. body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
            .Select(clause => clause.CatchType!),
        .. Tokens(body.GetILAsByteArray()!).SelectMany(token => Resolve(method, token)),
    ];

    private static IEnumerable<Type> Constraints(IEnumerable<Type> parameters) => parameters
        .Where(parameter => parameter.IsGenericParameter)
        .SelectMany(parameter => parameter.GetGenericParameterConstraints());

    private static IEnumerable<Type> Attributes(MemberInfo member) => member.GetCustomAttributesData()
        .SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>()
            .Append(attribute.AttributeType));

    /// <summary>The types in a type: elements of arrays and references, arguments and definition of a constructed type.</summary>
    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericParameter: true } or { IsFunctionPointer: true } => [],
        { IsConstructedGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodInfo called =>
            [
                called.DeclaringType!,
                called.ReturnType,
                .. called.GetParameters().Select(parameter => parameter.ParameterType),
                .. called.IsGenericMethod ? called.GetGenericArguments() : [],
            ],
            { DeclaringType: { } declaring } => [declaring],
            _ => [],
        };
    }

    /// <summary>The metadata tokens in the code of a method (ECMA-335, partition III) that name a type or a member of one.</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        const byte TwoByteOpCode = 0xFE;
        for (int position = 0; position < code.Length;)
        {
            ushort value = code[position++];
            if (value == TwoByteOpCode)
            {
                value = (ushort)((value << 8) | code[position++]);
            }

            OperandType operand = OpCodeOfValue[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(code, position);
            }

            position += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, position)),
                _ => 4,
            };
        }
    }
}
