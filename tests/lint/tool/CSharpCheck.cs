// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Management.Automation;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Netdrive.Lint;

/// <summary>
/// Compiles what Ansible's Add-CSharpType compiles on a target: the C# utils that a module requires, directly or
/// through others, once as C# 5 for Windows PowerShell 5.1 and once as current C# for PowerShell 7. A util that no
/// module requires is compiled with those it requires itself. Warnings count as errors, except in Ansible's own utils.
/// </summary>
internal sealed partial class CSharpCheck(string ansible, string utils)
{
    private static readonly Platform[] Platforms =
    [
        new("Framework", LanguageVersion.CSharp5, ["AMD64", "WINDOWS"],
            ["mscorlib.dll", "System.dll", "System.Core.dll", "System.Management.Automation.dll"]),
        new("Core", LanguageVersion.Latest, ["AMD64", "WINDOWS", "CORECLR"],
            ["*.dll", typeof(PSObject).Assembly.Location, "Newtonsoft.Json.dll", "System.Diagnostics.EventLog.dll"]),
    ];

    private const string Util =
        @"(?<name>Ansible\.[\w.]+|(\.+|ansible_collections\.\w+\.\w+\.plugins\.)module_utils\.\w+)";

    // As strict as Ansible: what it does not recognise, it does not send to the target.
    [GeneratedRegex(@"^(using\s" + Util + @";\s*$|#\s*AnsibleRequires\s+-CSharpUtil\s+" + Util + ")",
        RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex RequiredUtil();

    [GeneratedRegex(@"//\s*AssemblyReference\s+-Name\s+(?<name>[\w.]+)(\s+-CLR\s+(?<clr>\w+))?")]
    private static partial Regex AssemblyReference();

    [GeneratedRegex(@"//\s*NoWarn\s+-Name\s+(?<name>\w+)(\s+-CLR\s+(?<clr>\w+))?")]
    private static partial Regex NoWarn();

    [GeneratedRegex(@"//\s*AllowUnsafe")]
    private static partial Regex AllowUnsafe();

    /// <param name="files">Modules and utils.</param>
    /// <returns>The findings, without repetitions.</returns>
    public IEnumerable<string> Run(IEnumerable<string> files)
    {
        var compiled = new HashSet<string>();
        var findings = new List<string>();
        foreach (var file in files.OrderBy(IsUtil).Where(file => !compiled.Contains(file)))
        {
            var sources = Closure(file).Where(source => IsUtil(source.Key)).ToDictionary();
            compiled.UnionWith(sources.Keys);
            findings.AddRange(Platforms.SelectMany(platform => Compile(sources, platform)));
        }
        return findings.Distinct();
    }

    private static bool IsUtil(string file) => file.EndsWith(".cs", StringComparison.Ordinal);

    /// <returns>The path and text of a file and of all utils it requires, directly or not.</returns>
    private Dictionary<string, string> Closure(string file)
    {
        var sources = new Dictionary<string, string>();
        var pending = new Queue<string>([file]);
        while (pending.TryDequeue(out var path))
        {
            if (!File.Exists(path) || sources.ContainsKey(path))
            {
                continue; // what a missing util should bring is a compile error
            }
            sources.Add(path, File.ReadAllText(path));
            foreach (Match required in RequiredUtil().Matches(sources[path]))
            {
                pending.Enqueue(UtilPath(required.Groups["name"].Value));
            }
        }
        return sources;
    }

    private string UtilPath(string name) => name.StartsWith("Ansible.", StringComparison.Ordinal)
        ? Path.Combine(ansible, "csharp", name + ".cs")
        : Path.Combine(utils, name[(name.LastIndexOf('.') + 1)..] + ".cs");

    private IEnumerable<string> Compile(Dictionary<string, string> sources, Platform platform)
    {
        var parseOptions = new CSharpParseOptions(platform.Language, preprocessorSymbols: platform.Symbols);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Value, parseOptions, source.Key));
        var comments = string.Join('\n', sources.Values);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: AllowUnsafe().IsMatch(comments),
            warningLevel: 9999,
            specificDiagnosticOptions: platform.Named(NoWarn(), comments)
                .Select(code => KeyValuePair.Create(code, ReportDiagnostic.Suppress)));
        var references = platform.References(platform.Named(AssemblyReference(), comments));
        var compilation = CSharpCompilation.Create("utils", trees, references, options);
        return compilation.Emit(Stream.Null).Diagnostics.Where(Counts).Select(found => Format(found, platform));
    }

    private bool Counts(Diagnostic found) => found.Severity == DiagnosticSeverity.Error
        || (found.Severity == DiagnosticSeverity.Warning
            && !(found.Location.SourceTree?.FilePath.StartsWith(ansible, StringComparison.Ordinal) ?? false));

    private static string Format(Diagnostic found, Platform platform)
    {
        var position = found.Location.GetLineSpan();
        var place = found.Location.IsInSource
            ? $"{position.Path}:{position.StartLinePosition.Line + 1}:{position.StartLinePosition.Character + 1}: "
            : "";
        return $"{place}{found.Id} {found.GetMessage()} [{platform}]";
    }

    /// <param name="Clr">What Ansible's magic comments call it.</param>
    /// <param name="Libraries">Names or patterns below ref/, names of the tool's own libraries, or full paths.</param>
    private sealed record Platform(string Clr, LanguageVersion Language, string[] Symbols, string[] Libraries)
    {
        // Opened once: Roslyn then shares what it has read of them between compilations.
        private readonly Dictionary<string, MetadataReference> _opened = [];

        /// <returns>What magic comments name for this platform.</returns>
        public HashSet<string> Named(Regex comment, string text) =>
        [
            .. comment.Matches(text)
                .Where(match => !match.Groups["clr"].Success || match.Groups["clr"].Value == Clr)
                .Select(match => match.Groups["name"].Value),
        ];

        public IEnumerable<MetadataReference> References(IEnumerable<string> more) =>
            Libraries.Union(more).SelectMany(Find).Select(Open);

        private MetadataReference Open(string path) => _opened.TryGetValue(path, out var known)
            ? known
            : _opened[path] = MetadataReference.CreateFromFile(path);

        private IEnumerable<string> Find(string library)
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "ref", Clr.ToLowerInvariant());
            return library.Contains('*')
                ? Directory.EnumerateFiles(folder, library)
                : [File.Exists(Path.Combine(folder, library)) ? Path.Combine(folder, library)
                    : Path.Combine(AppContext.BaseDirectory, library)];
        }

        public override string ToString() => $"{Clr}, C# {Language.ToDisplayString()}";
    }
}
