// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Netdrive.Stand;

/// <summary>What the engine shows as $Host: standard output, standard error and the exit code.</summary>
internal sealed class ScriptHost(TextWriter output, TextWriter error) : PSHost
{
    /// <summary>Exit code that the script asked for, by exit or by $Host.SetShouldExit.</summary>
    public int? ExitCode { get; private set; }

    // Scripts ask for this name to know whether they have a console of their own.
    public override string Name => "ConsoleHost";

    public override Version Version { get; } = typeof(PSObject).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI { get; } = new ScriptHostUI(output, error);

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void EnterNestedPrompt() => throw ScriptHostUI.NobodyToAsk();

    public override void ExitNestedPrompt() => throw ScriptHostUI.NobodyToAsk();
}

/// <summary>Text out, nothing in: there is nobody to ask.</summary>
internal sealed class ScriptHostUI(TextWriter output, TextWriter error) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new RedirectedRawUI();

    public override void Write(string value) => output.Write(Plain(value));

    public override void Write(ConsoleColor foreground, ConsoleColor background, string value) => Write(value);

    public override void WriteLine(string value) => output.WriteLine(Plain(value));

    public override void WriteErrorLine(string value) => error.WriteLine(Plain(value));

    public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        // Has no place in redirected output.
    }

    public override string ReadLine() => throw NobodyToAsk();

    public override SecureString ReadLineAsSecureString() => throw NobodyToAsk();

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions) => throw NobodyToAsk();

    public override int PromptForChoice(
        string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw NobodyToAsk();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName) => throw NobodyToAsk();

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => throw NobodyToAsk();

    // The engine colours what it formats; a file gets the text alone.
    private static string Plain(string value) => GetOutputString(value, supportsVirtualTerminal: false);

    /// <summary>The error of everything that would need a person at a keyboard.</summary>
    public static Exception NobodyToAsk() => new PSInvalidOperationException(
        "PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");
}

/// <summary>A screen that is a file: it has a width to format tables for, and nothing else.</summary>
internal sealed class RedirectedRawUI : PSHostRawUserInterface
{
    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override Size BufferSize { get; set; } = new(120, 50);

    public override Size WindowSize { get; set; } = new(120, 50);

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override bool KeyAvailable => false;

    public override string WindowTitle { get; set; } = "";

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw ScriptHostUI.NobodyToAsk();

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
    {
    }

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
    }

    public override void ScrollBufferContents(
        Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
    {
    }
}
