using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace System.Runtime.CompilerServices
{
    /// <summary>The runtime knows it by its name: lets the emitted assembly see internal interfaces.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace Orleans.InProcess
{
    /// <summary>
    /// Emits, for a grain interface, a <see cref="GrainReference"/> whose methods are one line each:
    /// <c>return Send(method, new ValueTuple(arguments))</c>. (Orleans generates these at compile time.)
    /// </summary>
    internal static class Proxies
    {
        private const int MaxParameters = 7;

        private static readonly Type[] Tuples =
            [typeof(ValueTuple), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>)];

        private static readonly ConcurrentDictionary<Type, Lazy<Func<GrainReference>>> Known = new();
        private static readonly AssemblyBuilder Assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("OrleansInbox.InProcess.Proxies"), AssemblyBuilderAccess.Run);
        private static readonly ModuleBuilder Module = Assembly.DefineDynamicModule("proxies");
        private static readonly HashSet<string> Visible = [];
        private static readonly MethodInfo Send = typeof(GrainReference).GetMethod(nameof(GrainReference.Send), BindingFlags.Instance | BindingFlags.NonPublic)!;

        /// <summary>Makes a reference that points nowhere yet.</summary>
        public static Func<GrainReference> For(Type grainInterface) => Known.GetOrAdd(grainInterface, static type => new(() => Emit(type))).Value;

        private static Func<GrainReference> Emit(Type grainInterface)
        {
            lock (Module)
            {
                var interfaces = grainInterface.GetInterfaces().Prepend(grainInterface).ToArray();
                foreach (var type in interfaces.Append(typeof(GrainReference)))
                    MakeVisible(type.Assembly);
                var proxy = Module.DefineType($"{grainInterface}.{Known.Count}", TypeAttributes.Sealed, typeof(GrainReference), interfaces);
                var methods = interfaces.SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)).Where(method => method.IsAbstract)
                    .Select((method, index) => (Field: $"m{index}", Rules: Define(proxy, method, $"m{index}"))).ToArray();
                proxy.DefineDefaultConstructor(MethodAttributes.Public);
                var made = proxy.CreateType();
                foreach (var (field, rules) in methods)
                    made.GetField(field, BindingFlags.Static | BindingFlags.NonPublic)!.SetValue(null, rules);
                return Expression.Lambda<Func<GrainReference>>(Expression.New(made)).Compile();
            }
        }

        private static CallRules Define(TypeBuilder proxy, MethodInfo method, string fieldName)
        {
            var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
            var returned = method.ReturnType;
            var generic = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
            var isValueTask = returned == typeof(ValueTask) || generic == typeof(ValueTask<>);
            if (method.IsGenericMethod || parameters.Length > MaxParameters || parameters.Any(type => type.IsByRef)
                || !(isValueTask || returned == typeof(Task) || generic == typeof(Task<>)))
                throw new NotSupportedException($"{method.DeclaringType}.{method.Name}: inside one process a grain method returns a task, is not generic, and has at most {MaxParameters} parameters.");

            var args = parameters.Length == 0 ? typeof(ValueTuple) : Tuples[parameters.Length].MakeGenericType(parameters);
            var result = generic is null ? typeof(object) : returned.GetGenericArguments()[0];
            var rules = typeof(GrainMethod<,>).MakeGenericType(args, result);
            var field = proxy.DefineField(fieldName, rules, FieldAttributes.Static | FieldAttributes.Assembly);

            var emitted = proxy.DefineMethod($"{method.DeclaringType}.{method.Name}", MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot, returned, parameters);
            var il = emitted.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldsfld, field);
            for (var index = 1; index <= parameters.Length; index++)
                il.Emit(OpCodes.Ldarg, (short)index);
            if (parameters.Length == 0)
                il.Emit(OpCodes.Ldloc, il.DeclareLocal(args));
            else
                il.Emit(OpCodes.Newobj, args.GetConstructor(parameters)!);
            il.Emit(OpCodes.Call, Send.MakeGenericMethod(args, result));
            if (generic is not null)
                il.Emit(OpCodes.Castclass, typeof(Task<>).MakeGenericType(result));
            if (isValueTask)
                il.Emit(OpCodes.Newobj, returned.GetConstructor([generic is null ? typeof(Task) : typeof(Task<>).MakeGenericType(result)])!);
            il.Emit(OpCodes.Ret);
            proxy.DefineMethodOverride(emitted, method);
            return Rules(rules, method, args, isValueTask);
        }

        private static CallRules Rules(Type rules, MethodInfo method, Type args, bool isValueTask)
        {
            var grain = Expression.Parameter(typeof(object));
            var tuple = Expression.Parameter(args);
            Expression call = Expression.Call(Expression.Convert(grain, method.DeclaringType!), method, method.GetParameters().Select((_, index) => Expression.Field(tuple, $"Item{index + 1}")));
            if (isValueTask)
                call = Expression.Call(call, nameof(ValueTask.AsTask), null);
            var made = (CallRules)Activator.CreateInstance(rules, Expression.Lambda(Expression.Convert(call, typeof(Task)), grain, tuple).Compile())!;
            made.Name = $"{method.DeclaringType!.Name}.{method.Name}";
            made.Interleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
            made.ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
            made.OneWay = method.IsDefined(typeof(OneWayAttribute)) && !method.ReturnType.IsGenericType;
            return made;
        }

        private static void MakeVisible(Assembly assembly)
        {
            if (Visible.Add(assembly.GetName().Name!))
                Assembly.SetCustomAttribute(new CustomAttributeBuilder(typeof(IgnoresAccessChecksToAttribute).GetConstructors()[0], [assembly.GetName().Name!]));
        }
    }
}
