// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// console PID PROGRAM [ARGUMENT]...: runs a program in the console of another process, on the standard handles that
// this one has, and ends with its exit code. PowerShell wants a console, and what Wine starts on pipes has none.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

static int fail(const char *what)
{
    fprintf(stderr, "console: %s: error %lu\n", what, GetLastError());
    return 255;
}

// Wine quotes the name of a program only where it has blanks, and ours has none.
static wchar_t *after_word(wchar_t *line)
{
    line += wcscspn(line, L" ");
    return line + wcsspn(line, L" ");
}

int main(void)
{
    STARTUPINFOW startup = {.cb = sizeof startup,
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
                            .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
                            .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
    wchar_t *process = after_word(GetCommandLineW()), *program = after_word(process);
    FreeConsole();
    if (!AttachConsole(wcstoul(process, NULL, 10)))
        return fail("no console");
    PROCESS_INFORMATION started;
    if (!CreateProcessW(NULL, program, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started))
        return fail("the program does not start");
    WaitForSingleObject(started.hProcess, INFINITE);
    DWORD code = 255;
    GetExitCodeProcess(started.hProcess, &code);
    return (int)code;
}
