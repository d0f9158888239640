// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// A network provider whose connections are files, one each:
//
//   C:\stand\connections\<SID>\*.ini   the connections of the user on whose thread a call arrives
//   C:\stand\provider.ini              what enumerations are to do
//   C:\stand\calls\<PID>.log           what a process called, one line a begin and one an end
//
// All are UTF-8; the .ini files have lines of the form key=value, described where they are read below.
// Every process and every thread sees the same connections: a folder is read in each call. Only a connection's
// file that was not written since is not read again, as each costs several turns of Wine's one server.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <npapi.h>
#include <sddl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <winnetwk.h>

#define STAND L"\\\\?\\C:\\stand"  // this form of path may be longer than MAX_PATH
#define PROVIDER_NAME L"Microsoft Windows Network"

// ---------------------------------------------------------------------------------------------------- strings

static wchar_t *text(const wchar_t *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = _vscwprintf(format, arguments);
    va_end(arguments);
    wchar_t *result = length < 0 ? NULL : malloc(((size_t)length + 1) * sizeof *result);
    if (result) {
        va_start(arguments, format);
        _vsnwprintf(result, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    return result;
}

static BOOL same(const wchar_t *a, const wchar_t *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

// LPT1 and LPT1: are the same device; a single letter without its colon is no device.
static BOOL same_device(const wchar_t *a, const wchar_t *b)
{
    size_t a_length = wcslen(a), b_length = wcslen(b);
    if (a_length > 2 && a[a_length - 1] == L':')
        a_length--;
    if (b_length > 2 && b[b_length - 1] == L':')
        b_length--;
    return a_length && CompareStringOrdinal(a, (int)a_length, b, (int)b_length, TRUE) == CSTR_EQUAL;
}

static BOOL is_remote_name(const wchar_t *name)
{
    return wcsncmp(name, L"\\\\", 2) == 0;
}

static char *utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *result = size ? malloc((size_t)size) : NULL;
    if (result)
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, result, size, NULL, NULL);
    return result;
}

// ------------------------------------------------------------------------------------------------------ files

// The lines of a file, each ended by a 0.
struct settings {
    wchar_t *lines, *end;
};

// No lines if the file can't be read.
static struct settings read_settings(const wchar_t *path)
{
    struct settings settings = {NULL, NULL};
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return settings;
    DWORD size = GetFileSize(file, NULL), got = 0;
    char *contents = malloc((size_t)size + 1);
    wchar_t *lines = calloc((size_t)size + 1, sizeof *lines);
    if (contents && lines && ReadFile(file, contents, size, &got, NULL)) {
        int length = got ? MultiByteToWideChar(CP_UTF8, 0, contents, (int)got, lines, (int)size) : 0;
        for (int i = 0; i < length; i++)
            if (lines[i] == L'\r' || lines[i] == L'\n')
                lines[i] = 0;
        settings = (struct settings){lines, lines + length};
    } else {
        free(lines);
    }
    free(contents);
    CloseHandle(file);
    return settings;
}

static const wchar_t *value(const struct settings *settings, const wchar_t *key)
{
    size_t length = wcslen(key);
    for (const wchar_t *line = settings->lines; line < settings->end; line += wcslen(line) + 1)
        if (wcsncmp(line, key, length) == 0 && line[length] == L'=')
            return line + length + 1;
    return L"";
}

static DWORD number(const struct settings *settings, const wchar_t *key)
{
    return wcstoul(value(settings, key), NULL, 10);
}

// ------------------------------------------------------------------------------------- users and connections

// The SID of the user whose connections a call is about, to be freed; empty if it can't be found out.
static wchar_t *current_sid(void)
{
    HANDLE token;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) &&
        !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return _wcsdup(L"");
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } buffer;
    DWORD size;
    wchar_t *sid = NULL;
    if (GetTokenInformation(token, TokenUser, &buffer, sizeof buffer, &size))
        ConvertSidToStringSidW(buffer.user.User.Sid, &sid);
    CloseHandle(token);
    wchar_t *copy = _wcsdup(sid ? sid : L"");
    LocalFree(sid);
    return copy;
}

struct connection {
    struct connection *next;  // of those with the same hash
    struct settings settings;
    wchar_t *path;
    FILETIME written;
    const wchar_t *local;     // H: or LPT1: or empty
    const wchar_t *remote;
    const wchar_t *provider;
    DWORD type;               // RESOURCETYPE_
};

// NULL if the file can't be read.
static struct connection *read_connection(const wchar_t *path)
{
    struct connection *new = calloc(1, sizeof *new);
    if (!new)
        return NULL;
    new->path = _wcsdup(path);
    new->settings = read_settings(path);
    if (!new->path || !new->settings.lines) {
        free(new->path), free(new->settings.lines), free(new);
        return NULL;
    }
    const wchar_t *type = value(&new->settings, L"type"), *provider = value(&new->settings, L"provider");
    new->local = value(&new->settings, L"local");
    new->remote = value(&new->settings, L"remote");
    new->provider = *provider ? provider : PROVIDER_NAME;
    new->type = same(type, L"print") ? RESOURCETYPE_PRINT : same(type, L"any") ? RESOURCETYPE_ANY : RESOURCETYPE_DISK;
    return new;
}

// The connection of a file that was written then; NULL if it has gone.
static const struct connection *connection_at(const wchar_t *path, FILETIME written)
{
    static struct connection *known[1024];  // by hash; what was read is kept, there are only so many
    static SRWLOCK lock = SRWLOCK_INIT;
    size_t hash = 0;
    for (const wchar_t *c = path; *c; c++)
        hash = hash * 31 + *c;
    struct connection **first = &known[hash % 1024];
    AcquireSRWLockExclusive(&lock);
    struct connection *found = *first;
    while (found && (wcscmp(found->path, path) != 0 || CompareFileTime(&found->written, &written) != 0))
        found = found->next;
    if (!found && (found = read_connection(path)) != NULL) {
        found->written = written;
        found->next = *first;
        *first = found;
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

struct connections {
    const struct connection **items;
    size_t count;
};

static void add_connection(struct connections *connections, const struct connection *connection)
{
    const struct connection **items = realloc(connections->items, (connections->count + 1) * sizeof *items);
    if (!items)
        return;
    connections->items = items;
    items[connections->count++] = connection;
}

// To be freed with free(items).
static struct connections connections_of(const wchar_t *sid)
{
    struct connections connections = {NULL, 0};
    wchar_t *pattern = text(STAND L"\\connections\\%ls\\*", sid);
    WIN32_FIND_DATAW found;
    HANDLE search = pattern ? FindFirstFileW(pattern, &found) : INVALID_HANDLE_VALUE;
    free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return connections;
    do {
        size_t length = wcslen(found.cFileName);
        if (length <= 4 || !same(found.cFileName + length - 4, L".ini"))
            continue;
        wchar_t *path = text(STAND L"\\connections\\%ls\\%ls", sid, found.cFileName);
        const struct connection *connection = path ? connection_at(path, found.ftLastWriteTime) : NULL;
        if (connection)
            add_connection(&connections, connection);
        free(path);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return connections;
}

// -------------------------------------------------------------------------------------------------------- log

static unsigned long long unix_milliseconds(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    return (((unsigned long long)now.dwHighDateTime << 32 | now.dwLowDateTime) - 116444736000000000ULL) / 10000;
}

// What is called of a user: begin_call and end_call each write a line to the process's log.
struct call {
    wchar_t *sid;             // of the user; empty if that can't be found out
    const wchar_t *function;  // add, cancel or enum
    const wchar_t *name;      // what it is called with; NULL for enum
    BOOL force;
};

// A process has a file and a lock of its own: neither has to ask Wine's server.
static void append_to_log(const wchar_t *line)
{
    static HANDLE log = INVALID_HANDLE_VALUE;
    if (log == INVALID_HANDLE_VALUE) {
        wchar_t *path = text(STAND L"\\calls\\%lu.log", GetCurrentProcessId());
        log = path ? CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                 NULL, OPEN_ALWAYS, 0, NULL) : INVALID_HANDLE_VALUE;
        free(path);
    }
    char *bytes = utf8(line);
    DWORD written;
    if (bytes && log != INVALID_HANDLE_VALUE)
        WriteFile(log, bytes, (DWORD)strlen(bytes), &written, NULL);
    free(bytes);
}

// One line: time, begin or end, process, thread, SID, function, name, force, result (at the end), separated by tabs.
static void log_call(const wchar_t *moment, const struct call *call, const wchar_t *result)
{
    static SRWLOCK lock = SRWLOCK_INIT;
    wchar_t *clean = _wcsdup(call->name ? call->name : L"");
    for (wchar_t *c = clean; c && *c; c++)
        if (*c < L' ')
            *c = L'?';
    AcquireSRWLockExclusive(&lock);
    wchar_t *line = text(L"%I64u\t%ls\t%lu\t%lu\t%ls\t%ls\t%ls\t%d\t%ls\n", unix_milliseconds(), moment,
                         GetCurrentProcessId(), GetCurrentThreadId(), call->sid, call->function, clean ? clean : L"",
                         call->force != FALSE, result);
    if (line)
        append_to_log(line);
    ReleaseSRWLockExclusive(&lock);
    free(line);
    free(clean);
}

static struct call begin_call(const wchar_t *function, const wchar_t *name, BOOL force)
{
    struct call call = {current_sid(), function, name, force};
    log_call(L"begin", &call, L"");
    return call;
}

static DWORD end_call(struct call *call, DWORD result)
{
    wchar_t number[16];
    _snwprintf(number, 16, L"%lu", result);
    log_call(L"end", call, number);
    free(call->sid);
    return result;
}

// ----------------------------------------------------------------------------------------------- capabilities

DWORD WINAPI NPGetCaps(DWORD index)
{
    switch (index) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return WNNC_NET_LANMAN;
    case WNNC_DRIVER_VERSION:
    case WNNC_START:
        return 1;
    case WNNC_CONNECTION:
        return WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_LOCAL;
    default:
        return 0;
    }
}

// ------------------------------------------------------------------------------------------------ enumeration

struct enumeration {
    struct connections connections;
    size_t next;
    DWORD type;
    BOOL started;
};

// provider.ini: open_error=N makes this call answer N.
DWORD WINAPI NPOpenEnum(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW resource, LPHANDLE handle)
{
    (void)usage, (void)resource;
    if (scope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    struct settings settings = read_settings(STAND L"\\provider.ini");
    DWORD error = number(&settings, L"open_error");
    free(settings.lines);
    if (error)
        return error;
    struct enumeration *enumeration = calloc(1, sizeof *enumeration);
    if (!enumeration)
        return WN_OUT_OF_MEMORY;
    enumeration->type = type;
    *handle = enumeration;
    return WN_SUCCESS;
}

static DWORD size_of(const wchar_t *string)
{
    return (DWORD)((wcslen(string) + 1) * sizeof *string);
}

static wchar_t *put_before(char **end, const wchar_t *string)
{
    *end -= size_of(string);
    return memcpy(*end, string, size_of(string));
}

// Resources are laid from the front of the buffer, their strings from its end.
static DWORD fill(struct enumeration *enumeration, DWORD *count, void *buffer, DWORD *size)
{
    NETRESOURCEW *resources = buffer;
    char *end = (char *)buffer + (*size & ~1UL);
    DWORD filled = 0, room = *size & ~1UL;
    for (; enumeration->next < enumeration->connections.count && filled < *count; enumeration->next++) {
        const struct connection *connection = enumeration->connections.items[enumeration->next];
        if (enumeration->type != RESOURCETYPE_ANY && enumeration->type != connection->type)
            continue;
        DWORD needed = (DWORD)sizeof *resources + size_of(connection->local) + size_of(connection->remote) +
                       size_of(connection->provider);
        if (needed > room) {
            if (filled)
                break;
            *size = needed;
            return WN_MORE_DATA;  // *count stays: Wine's mpr takes a count of 0 for the end of the list
        }
        room -= needed;
        resources[filled++] = (NETRESOURCEW){
            .dwScope = RESOURCE_CONNECTED,
            .dwType = connection->type,
            .dwDisplayType = RESOURCEDISPLAYTYPE_SHARE,
            .dwUsage = RESOURCEUSAGE_CONNECTABLE,
            // Windows has a null pointer where there is no device; Wine's mpr copies the string without looking.
            .lpLocalName = put_before(&end, connection->local),
            .lpRemoteName = put_before(&end, connection->remote),
            .lpProvider = put_before(&end, connection->provider),
        };
    }
    *count = filled;
    return filled ? WN_SUCCESS : WN_NO_MORE_ENTRIES;
}

// provider.ini, for the first call of each enumeration: enum_delay=MS waits before anything else, enum_error=N
// answers N, more_data=1 asks for a buffer twice as large, however large it is.
static DWORD begin_enumeration(struct enumeration *enumeration, const wchar_t *sid, DWORD *size)
{
    struct settings settings = read_settings(STAND L"\\provider.ini");
    DWORD delay = number(&settings, L"enum_delay"), error = number(&settings, L"enum_error"),
          more_data = number(&settings, L"more_data");
    free(settings.lines);
    enumeration->started = TRUE;
    Sleep(delay);
    enumeration->connections = connections_of(sid);
    if (error)
        return error;
    if (more_data) {
        *size *= 2;
        return WN_MORE_DATA;
    }
    return WN_SUCCESS;
}

DWORD WINAPI NPEnumResource(HANDLE handle, LPDWORD count, LPVOID buffer, LPDWORD size)
{
    struct enumeration *enumeration = handle;
    if (!enumeration)
        return WN_BAD_HANDLE;
    struct call call = begin_call(L"enum", NULL, FALSE);
    DWORD result = enumeration->started ? WN_SUCCESS : begin_enumeration(enumeration, call.sid, size);
    if (result == WN_SUCCESS)
        result = fill(enumeration, count, buffer, size);
    else if (result != WN_MORE_DATA)
        *count = 0;
    return end_call(&call, result);
}

DWORD WINAPI NPCloseEnum(HANDLE handle)
{
    struct enumeration *enumeration = handle;
    if (!enumeration)
        return WN_BAD_HANDLE;
    free(enumeration->connections.items);
    free(enumeration);
    return WN_SUCCESS;
}

// ----------------------------------------------------------------------------------------------------- cancel

// Of the connection's file: cancel_delay=MS waits first; vanish=1 finds the connection gone by then;
// cancel_error=N answers N and leaves it; open_files=1 refuses unless forced.
static DWORD cancel(const struct connection *connection, BOOL force)
{
    Sleep(number(&connection->settings, L"cancel_delay"));
    DWORD error = number(&connection->settings, L"cancel_error");
    if (number(&connection->settings, L"vanish")) {
        DeleteFileW(connection->path);
        return WN_NOT_CONNECTED;
    }
    if (error)
        return error;
    if (number(&connection->settings, L"open_files") && !force)
        return WN_OPEN_FILES;
    if (DeleteFileW(connection->path))
        return WN_SUCCESS;
    return GetLastError() == ERROR_FILE_NOT_FOUND ? WN_NOT_CONNECTED : GetLastError();
}

DWORD WINAPI NPCancelConnection(LPWSTR name, BOOL force)
{
    if (!name)
        return WN_BAD_POINTER;
    struct call call = begin_call(L"cancel", name, force);
    struct connections connections = connections_of(call.sid);
    DWORD result = WN_NOT_CONNECTED, cancelled = 0;
    for (size_t i = 0; i < connections.count; i++) {
        const struct connection *connection = connections.items[i];
        BOOL named = is_remote_name(name) ? !*connection->local && same(connection->remote, name)
                                          : same_device(connection->local, name);
        if (!named)
            continue;
        DWORD outcome = cancel(connection, force);
        if (!cancelled++ || result == WN_SUCCESS)  // the first failure is the answer
            result = outcome;
    }
    free(connections.items);
    return end_call(&call, result);
}

// -------------------------------------------------------------------------------------------------------- add

static DWORD write_connection(const wchar_t *sid, const wchar_t *contents)
{
    wchar_t *folder = text(STAND L"\\connections\\%ls", sid);
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    wchar_t *stem = text(STAND L"\\connections\\%ls\\%I64d-%lu", sid, now.QuadPart, GetCurrentThreadId());
    wchar_t *temporary = stem ? text(L"%ls.new", stem) : NULL, *path = stem ? text(L"%ls.ini", stem) : NULL;
    char *bytes = utf8(contents);
    DWORD result = WN_OUT_OF_MEMORY, written;
    if (folder && temporary && path && bytes) {
        CreateDirectoryW(folder, NULL);
        HANDLE file = CreateFileW(temporary, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
        BOOL ok = file != INVALID_HANDLE_VALUE && WriteFile(file, bytes, (DWORD)strlen(bytes), &written, NULL);
        CloseHandle(file);
        result = ok && MoveFileExW(temporary, path, 0) ? WN_SUCCESS : GetLastError();
    }
    free(folder), free(stem), free(temporary), free(path), free(bytes);
    return result;
}

static DWORD add(const wchar_t *sid, const NETRESOURCEW *resource, const wchar_t *user)
{
    const wchar_t *local = resource->lpLocalName ? resource->lpLocalName : L"";
    const wchar_t *remote = resource->lpRemoteName;
    if (!remote || !is_remote_name(remote) || wcspbrk(remote, L"\r\n"))
        return WN_BAD_NETNAME;
    if (wcspbrk(local, L"\r\n"))
        return WN_BAD_LOCALNAME;
    struct connections connections = connections_of(sid);
    BOOL taken = FALSE;
    for (size_t i = 0; i < connections.count; i++)
        taken |= same_device(connections.items[i]->local, local);
    free(connections.items);
    if (taken)
        return WN_ALREADY_CONNECTED;
    const wchar_t *type = resource->dwType == RESOURCETYPE_PRINT ? L"print" :
                          resource->dwType == RESOURCETYPE_ANY ? L"any" : L"disk";
    wchar_t *contents = text(L"local=%ls\nremote=%ls\ntype=%ls\nuser=%ls\n", local, remote, type, user ? user : L"");
    DWORD result = contents ? write_connection(sid, contents) : WN_OUT_OF_MEMORY;
    free(contents);
    return result;
}

DWORD WINAPI NPAddConnection3(HWND owner, LPNETRESOURCEW resource, LPWSTR password, LPWSTR user, DWORD flags)
{
    (void)owner, (void)password, (void)flags;
    if (!resource)
        return WN_BAD_POINTER;
    struct call call = begin_call(L"add", resource->lpRemoteName, FALSE);
    return end_call(&call, add(call.sid, resource, user));
}

DWORD WINAPI NPAddConnection(LPNETRESOURCEW resource, LPWSTR password, LPWSTR user)
{
    return NPAddConnection3(NULL, resource, password, user, 0);
}

// ------------------------------------------------------------------------------------------------------ query

DWORD WINAPI NPGetConnection(LPWSTR local, LPWSTR remote, LPDWORD length)
{
    if (!local || !length)
        return WN_BAD_POINTER;
    wchar_t *sid = current_sid();
    struct connections connections = connections_of(sid);
    DWORD result = WN_NOT_CONNECTED;
    for (size_t i = 0; i < connections.count && result == WN_NOT_CONNECTED; i++) {
        if (!same_device(connections.items[i]->local, local))
            continue;
        DWORD needed = (DWORD)wcslen(connections.items[i]->remote) + 1;
        result = remote && *length >= needed ? WN_SUCCESS : WN_MORE_DATA;
        if (result == WN_SUCCESS)
            wcscpy(remote, connections.items[i]->remote);
        *length = needed;
    }
    free(connections.items);
    free(sid);
    return result;
}
