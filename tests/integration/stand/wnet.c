// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// Calls Windows's own network functions, as the user of the process PID if it is not 0:
//
//   wnet PID list SCOPE TYPE         SCOPE 1 is connected, 3 remembered; TYPE 0 is any, 1 disk, 2 print
//   wnet PID cancel NAME FLAGS FORCE [TIMES]
//   wnet PID add NAME REMOTE FLAGS   NAME - is no device
//
// Prints a line "=N" for each answer of a function, and for each connection its local name, remote name, provider
// and type, separated by tabs, in UTF-8.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <winnetwk.h>

static void print(const wchar_t *text, char end)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, NULL, 0, NULL, NULL);
    char *bytes = malloc((size_t)size);
    WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, bytes, size, NULL, NULL);
    printf("%s%c", bytes, end);
    free(bytes);
}

static DWORD answer(DWORD error)
{
    printf("=%lu\n", error);
    return error;
}

static void list(DWORD scope, DWORD type)
{
    HANDLE enumeration;
    if (answer(WNetOpenEnumW(scope, type, 0, NULL, &enumeration)))
        return;
    DWORD capacity = 16384, error;
    do {
        NETRESOURCEW *resources = malloc(capacity);
        DWORD count = (DWORD)-1, size = capacity;
        error = answer(WNetEnumResourceW(enumeration, &count, resources, &size));
        for (DWORD i = 0; error == NO_ERROR && i < count; i++) {
            print(resources[i].lpLocalName, '\t');
            print(resources[i].lpRemoteName, '\t');
            print(resources[i].lpProvider, '\t');
            printf("%lu\n", resources[i].dwType);
        }
        free(resources);
        if (error == ERROR_MORE_DATA)
            capacity *= 2;
    } while (error == NO_ERROR || (error == ERROR_MORE_DATA && capacity < 1 << 24));
    WNetCloseEnum(enumeration);
}

static DWORD add(wchar_t *name, wchar_t *remote, DWORD flags)
{
    NETRESOURCEW resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = remote};
    if (wcscmp(name, L"-") != 0)
        resource.lpLocalName = name;
    return WNetAddConnection2W(&resource, NULL, L"CORP\\someone", flags);
}

static BOOL become_user_of(DWORD pid)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, pid), token, copy;
    return process && OpenProcessToken(process, TOKEN_QUERY | TOKEN_DUPLICATE, &token) &&
           DuplicateTokenEx(token, TOKEN_QUERY | TOKEN_IMPERSONATE, NULL, SecurityImpersonation, TokenImpersonation,
                            &copy) &&
           ImpersonateLoggedOnUser(copy);
}

int wmain(int count, wchar_t **arguments)
{
    DWORD numbers[6] = {0};
    for (int i = 1; i < count && i < 6; i++)
        numbers[i] = wcstoul(arguments[i], NULL, 10);
    if (count < 5 || (numbers[1] && !become_user_of(numbers[1])))
        return 1;
    if (wcscmp(arguments[2], L"list") == 0)
        list(numbers[3], numbers[4]);
    else if (wcscmp(arguments[2], L"add") == 0)
        answer(add(arguments[3], arguments[4], numbers[5]));
    else
        for (DWORD times = count > 6 ? wcstoul(arguments[6], NULL, 10) : 1; times; times--)
            answer(WNetCancelConnection2W(arguments[3], numbers[4], numbers[5] != 0));
    return 0;
}
