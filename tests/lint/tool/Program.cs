// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Netdrive.Lint;

const string Usage = """
    usage: dotnet lint.dll powershell ANSIBLE UTILS FILE...
           dotnet lint.dll csharp ANSIBLE UTILS FILE...
           dotnet lint.dll spec FILE...
    ANSIBLE is the module_utils folder of ansible-core, UTILS the one of the collection.
    Prints findings as "file:line:column: message" and exits with 1 if there are any;
    spec prints the argument spec of each module as JSON.
    """;

switch (args)
{
    case ["powershell", var ansible, var utils, .. var files]:
        return Report(new PowerShellCheck(ansible, utils).Run(files));
    case ["csharp", var ansible, var utils, .. var files]:
        return Report(new CSharpCheck(ansible, utils).Run(files));
    case ["spec", .. var files]:
        Console.WriteLine(ArgumentSpec.ToJson(files));
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static int Report(IEnumerable<string> findings)
{
    var exitCode = 0;
    foreach (var finding in findings)
    {
        Console.WriteLine(finding);
        exitCode = 1;
    }
    return exitCode;
}
