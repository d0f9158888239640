// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// The stand's hands inside a Wine prefix. Reads one command a line from standard input until its end and answers
// on standard output: any number of lines with data, then one line "=N" with a Win32 error number, 0 for success.
// Fields are UTF-8, separated by tabs; %XX stands for a byte that would be in the way (a control, % or =). Values of
// the registry are a type number and the bytes in hexadecimal. PATH begins with HKLM or HKU.
//
//   set PATH [NAME TYPE HEX]...   creates the key, sets values
//   delete PATH                   removes a key and what is below it
//   keys PATH                     -> NAME
//   dump PATH                     -> key RELATIVE | value RELATIVE NAME TYPE HEX
//   save PATH FILE                writes a key as a hive
//   load NAME FILE, unload NAME   a hive as HKU\NAME
//   start SID FORM                -> PID of a process that sleeps, under a token of FORM user, administrator or system
//   ready PID                     waits until that process is up
//   stop PID
//   processes                     -> PID SID EXE
//   console                       -> PID of the agent, which has a console from then on (console.c)
//
// "agent.exe session" is that sleeping process; all of them end with the agent.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <winternl.h>
#include <wchar.h>

#define MAX_KEY_NAME 256
#define LENGTH(array) (sizeof(array) / sizeof *(array))

// ---------------------------------------------------------------------------------------------- lines and fields

static void *grown(void *block, size_t size)
{
    void *result = realloc(block, size);
    if (!result)
        ExitProcess(ERROR_OUTOFMEMORY);
    return result;
}

static struct {
    char *bytes;
    size_t length, capacity;
} answer;

static void put_byte(char byte)
{
    if (answer.length == answer.capacity)
        answer.bytes = grown(answer.bytes, answer.capacity = answer.capacity * 2 + 4096);
    answer.bytes[answer.length++] = byte;
}

static void put_hex(BYTE byte)
{
    put_byte("0123456789abcdef"[byte >> 4]);
    put_byte("0123456789abcdef"[byte & 15]);
}

static void put_text(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *bytes = grown(NULL, (size_t)size);
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, size, NULL, NULL);
    for (char *c = bytes; *c; c++) {
        if ((BYTE)*c < ' ' || *c == '%' || *c == '=') {
            put_byte('%');
            put_hex((BYTE)*c);
        } else {
            put_byte(*c);
        }
    }
    free(bytes);
}

static void put_number(DWORD number)
{
    wchar_t digits[16];
    _snwprintf(digits, LENGTH(digits), L"%lu", number);
    put_text(digits);
}

static void send_answer(void)
{
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
    for (size_t sent = 0; sent < answer.length;) {
        DWORD written;
        if (!WriteFile(output, answer.bytes + sent, (DWORD)(answer.length - sent), &written, NULL))
            ExitProcess(GetLastError());
        sent += written;
    }
    answer.length = 0;
}

// The next line of standard input without its end, or null at the end of the input.
static char *next_line(void)
{
    static char *bytes;
    static size_t start, end, capacity;
    for (size_t looked = start;;) {
        for (; looked < end; looked++) {
            if (bytes[looked] == '\n') {
                bytes[looked] = 0;
                char *line = bytes + start;
                start = looked + 1;
                return line;
            }
        }
        memmove(bytes, bytes + start, end - start);
        looked = end -= start;
        start = 0;
        if (end == capacity)
            bytes = grown(bytes, capacity = capacity * 2 + 65536);
        DWORD got = 0;
        if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes + end, (DWORD)(capacity - end), &got, NULL) || !got)
            return NULL;
        end += got;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Undoes %XX in place and widens; to be freed.
static wchar_t *decoded(char *field)
{
    char *out = field;
    for (const char *in = field; *in; in++) {
        if (*in == '%' && hex_digit(in[1]) >= 0 && hex_digit(in[2]) >= 0) {
            *out++ = (char)(hex_digit(in[1]) << 4 | hex_digit(in[2]));
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = 0;
    int length = MultiByteToWideChar(CP_UTF8, 0, field, -1, NULL, 0);
    wchar_t *wide = grown(NULL, (size_t)length * sizeof *wide);
    MultiByteToWideChar(CP_UTF8, 0, field, -1, wide, length);
    return wide;
}

// ------------------------------------------------------------------------------------------------------ registry

static HKEY split_path(const wchar_t *path, const wchar_t **below)
{
    const wchar_t *separator = wcschr(path, L'\\');
    *below = separator ? separator + 1 : L"";
    if (wcsncmp(path, L"HKLM", 4) == 0)
        return HKEY_LOCAL_MACHINE;
    return wcsncmp(path, L"HKU", 3) == 0 ? HKEY_USERS : NULL;
}

static DWORD open_key(const wchar_t *path, REGSAM access, HKEY *key)
{
    const wchar_t *below;
    HKEY root = split_path(path, &below);
    return root ? (DWORD)RegOpenKeyExW(root, below, 0, access, key) : ERROR_BAD_PATHNAME;
}

static DWORD set_value(HKEY key, const wchar_t *name, const wchar_t *type, const wchar_t *hex)
{
    DWORD size = (DWORD)(wcslen(hex) / 2);
    BYTE *data = grown(NULL, (size_t)size + 1);
    for (DWORD i = 0; i < size; i++)
        data[i] = (BYTE)(hex_digit((char)hex[2 * i]) << 4 | hex_digit((char)hex[2 * i + 1]));
    DWORD error = (DWORD)RegSetValueExW(key, name, 0, wcstoul(type, NULL, 10), data, size);
    free(data);
    return error;
}

static DWORD set(int count, wchar_t **fields)
{
    const wchar_t *below;
    HKEY key, root = split_path(fields[0], &below);
    DWORD error = root ? (DWORD)RegCreateKeyExW(root, below, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL)
                       : ERROR_BAD_PATHNAME;
    if (error)
        return error;
    for (int i = 1; i + 2 < count && !error; i += 3)
        error = set_value(key, fields[i], fields[i + 1], fields[i + 2]);
    RegCloseKey(key);
    return error;
}

static DWORD delete_tree(int count, wchar_t **fields)
{
    (void)count;
    const wchar_t *below;
    HKEY root = split_path(fields[0], &below);
    return root && *below ? (DWORD)RegDeleteTreeW(root, below) : ERROR_BAD_PATHNAME;
}

static DWORD keys(int count, wchar_t **fields)
{
    (void)count;
    HKEY key;
    DWORD error = open_key(fields[0], KEY_READ, &key);
    if (error)
        return error;
    for (DWORD i = 0;; i++) {
        wchar_t name[MAX_KEY_NAME];
        DWORD length = LENGTH(name);
        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        put_text(name);
        put_byte('\n');
    }
    RegCloseKey(key);
    return ERROR_SUCCESS;
}

static void dump_values(HKEY key, const wchar_t *path)
{
    DWORD names = 0, datas = 0;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &names, &datas, NULL, NULL);
    wchar_t *name = grown(NULL, ((size_t)names + 1) * sizeof *name);
    BYTE *data = grown(NULL, (size_t)datas + 1);
    for (DWORD i = 0;; i++) {
        DWORD length = names + 1, size = datas + 1, type;
        if (RegEnumValueW(key, i, name, &length, NULL, &type, data, &size))
            break;
        put_text(L"value");
        put_byte('\t');
        put_text(path);
        put_byte('\t');
        put_text(name);
        put_byte('\t');
        put_number(type);
        put_byte('\t');
        for (DWORD j = 0; j < size; j++)
            put_hex(data[j]);
        put_byte('\n');
    }
    free(name);
    free(data);
}

static void dump_key(HKEY key, const wchar_t *path)
{
    put_text(L"key");
    put_byte('\t');
    put_text(path);
    put_byte('\n');
    dump_values(key, path);
    for (DWORD i = 0;; i++) {
        wchar_t name[MAX_KEY_NAME];
        DWORD length = LENGTH(name);
        HKEY child;
        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        if (RegOpenKeyExW(key, name, 0, KEY_READ, &child))
            continue;
        size_t size = wcslen(path) + wcslen(name) + 2;
        wchar_t *below = grown(NULL, size * sizeof *below);
        _snwprintf(below, size, *path ? L"%ls\\%ls" : L"%ls%ls", path, name);
        dump_key(child, below);
        free(below);
        RegCloseKey(child);
    }
}

static DWORD dump(int count, wchar_t **fields)
{
    (void)count;
    HKEY key;
    DWORD error = open_key(fields[0], KEY_READ, &key);
    if (error)
        return error;
    dump_key(key, L"");
    RegCloseKey(key);
    return ERROR_SUCCESS;
}

static DWORD save(int count, wchar_t **fields)
{
    (void)count;
    HKEY key;
    DWORD error = open_key(fields[0], KEY_READ, &key);
    if (error)
        return error;
    error = (DWORD)RegSaveKeyW(key, fields[1], NULL);
    RegCloseKey(key);
    return error;
}

// A loaded hive's file is open for nobody else. Wine leaves it open for all, so the agent holds it.
static struct held {
    struct held *next;
    HANDLE file;
    wchar_t name[MAX_KEY_NAME];
} *held;

static DWORD load(int count, wchar_t **fields)
{
    (void)count;
    DWORD error = (DWORD)RegLoadKeyW(HKEY_USERS, fields[0], fields[1]);
    if (error)
        return error;
    struct held *hive = grown(NULL, sizeof *hive);
    hive->next = held;
    hive->file = CreateFileW(fields[1], GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    _snwprintf(hive->name, LENGTH(hive->name), L"%ls", fields[0]);
    held = hive;
    return ERROR_SUCCESS;
}

static DWORD unload(int count, wchar_t **fields)
{
    (void)count;
    for (struct held **link = &held; *link; link = &(*link)->next) {
        struct held *hive = *link;
        if (wcscmp(hive->name, fields[0]) == 0) {
            *link = hive->next;
            CloseHandle(hive->file);
            free(hive);
            break;
        }
    }
    return (DWORD)RegUnLoadKeyW(HKEY_USERS, fields[0]);
}

// ----------------------------------------------------------------------------------------------------- processes

NTSTATUS NTAPI NtCreateToken(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, TOKEN_TYPE, PLUID, PLARGE_INTEGER, PTOKEN_USER,
                             PTOKEN_GROUPS, PTOKEN_PRIVILEGES, PTOKEN_OWNER, PTOKEN_PRIMARY_GROUP, PTOKEN_DEFAULT_DACL,
                             PTOKEN_SOURCE);

// What Windows gives: Everyone, Authenticated Users, Users, INTERACTIVE; Administrators.
static const wchar_t *const user_groups[] = {L"S-1-5-32-545", L"S-1-1-0", L"S-1-5-11", L"S-1-5-4", NULL};
static const wchar_t *const administrator_groups[] = {L"S-1-5-32-544", L"S-1-5-32-545", L"S-1-1-0", L"S-1-5-11",
                                                      L"S-1-5-4", NULL};
static const wchar_t *const system_groups[] = {L"S-1-5-32-544", L"S-1-1-0", L"S-1-5-11", NULL};

static const wchar_t *const user_privileges[] = {SE_CHANGE_NOTIFY_NAME, SE_INC_WORKING_SET_NAME, NULL};
static const wchar_t *const administrator_privileges[] = {
    SE_CHANGE_NOTIFY_NAME, SE_IMPERSONATE_NAME, SE_DEBUG_NAME, SE_BACKUP_NAME, SE_RESTORE_NAME, SE_SECURITY_NAME,
    SE_TAKE_OWNERSHIP_NAME, SE_LOAD_DRIVER_NAME, SE_SHUTDOWN_NAME, SE_INC_WORKING_SET_NAME, NULL};
static const wchar_t *const system_privileges[] = {
    SE_TCB_NAME, SE_CHANGE_NOTIFY_NAME, SE_IMPERSONATE_NAME, SE_DEBUG_NAME, SE_BACKUP_NAME, SE_RESTORE_NAME,
    SE_SECURITY_NAME, SE_TAKE_OWNERSHIP_NAME, SE_ASSIGNPRIMARYTOKEN_NAME, SE_INCREASE_QUOTA_NAME, SE_AUDIT_NAME,
    SE_CREATE_TOKEN_NAME, NULL};

static const struct form {
    const wchar_t *name;
    const wchar_t *const *groups, *const *privileges;
    DWORD enabled;  // so many of the privileges, the first ones
} forms[] = {
    {L"user", user_groups, user_privileges, 1},
    {L"administrator", administrator_groups, administrator_privileges, 2},
    {L"system", system_groups, system_privileges, LENGTH(system_privileges)},
};

static DWORD make_token(PSID sid, const struct form *form, HANDLE *token)
{
    enum { MOST = 16 };
    union {
        TOKEN_GROUPS list;
        BYTE room[sizeof(TOKEN_GROUPS) + MOST * sizeof(SID_AND_ATTRIBUTES)];
    } groups = {.list.GroupCount = 0};
    union {
        TOKEN_PRIVILEGES list;
        BYTE room[sizeof(TOKEN_PRIVILEGES) + MOST * sizeof(LUID_AND_ATTRIBUTES)];
    } privileges = {.list.PrivilegeCount = 0};
    for (DWORD *i = &groups.list.GroupCount; form->groups[*i]; ++*i) {
        groups.list.Groups[*i].Attributes = SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED;
        ConvertStringSidToSidW(form->groups[*i], &groups.list.Groups[*i].Sid);
    }
    for (DWORD *i = &privileges.list.PrivilegeCount; form->privileges[*i]; ++*i) {
        privileges.list.Privileges[*i].Attributes =
            *i < form->enabled ? SE_PRIVILEGE_ENABLED_BY_DEFAULT | SE_PRIVILEGE_ENABLED : 0;
        LookupPrivilegeValueW(NULL, form->privileges[*i], &privileges.list.Privileges[*i].Luid);
    }
    LUID logon;
    AllocateLocallyUniqueId(&logon);
    LARGE_INTEGER never = {.QuadPart = MAXLONGLONG};
    TOKEN_USER user = {.User.Sid = sid};
    TOKEN_OWNER owner = {.Owner = sid};
    TOKEN_PRIMARY_GROUP primary = {.PrimaryGroup = groups.list.Groups[0].Sid};
    TOKEN_DEFAULT_DACL dacl = {NULL};
    TOKEN_SOURCE source = {.SourceName = "stand"};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes};
    NTSTATUS status = NtCreateToken(token, TOKEN_ALL_ACCESS, &attributes, TokenPrimary, &logon, &never, &user,
                                    &groups.list, &privileges.list, &owner, &primary, &dacl, &source);
    for (DWORD i = 0; i < groups.list.GroupCount; i++)
        LocalFree(groups.list.Groups[i].Sid);
    return RtlNtStatusToDosError(status);
}

// Set by the session's process when it is up. Everybody may open it: the two sides are different users.
static HANDLE session_event(DWORD process)
{
    SECURITY_DESCRIPTOR everybody;
    InitializeSecurityDescriptor(&everybody, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&everybody, TRUE, NULL, FALSE);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes, .lpSecurityDescriptor = &everybody};
    wchar_t name[64];
    _snwprintf(name, LENGTH(name), L"Global\\stand-session-%lu", process);
    return CreateEventW(&attributes, TRUE, FALSE, name);
}

static HANDLE sessions;  // a job

static void prepare_sessions(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    sessions = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(sessions, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

static int be_session(void)
{
    SetEvent(session_event(GetCurrentProcessId()));
    Sleep(INFINITE);
    return 0;
}

static DWORD start_session(HANDLE token)
{
    wchar_t executable[MAX_PATH], command_line[] = L"agent.exe session", folder[] = L"C:\\";
    GetModuleFileNameW(NULL, executable, LENGTH(executable));
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    if (!CreateProcessAsUserW(token, executable, command_line, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, folder,
                              &startup, &process))
        return GetLastError();
    AssignProcessToJobObject(sessions, process.hProcess);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    put_number(process.dwProcessId);
    put_byte('\n');
    return ERROR_SUCCESS;
}

static DWORD start(int count, wchar_t **fields)
{
    (void)count;
    const struct form *form = forms;
    while (wcscmp(form->name, fields[1]) != 0)
        if (++form == forms + LENGTH(forms))
            return ERROR_INVALID_PARAMETER;
    PSID sid;
    if (!ConvertStringSidToSidW(fields[0], &sid))
        return GetLastError();
    HANDLE token;
    DWORD error = make_token(sid, form, &token);
    LocalFree(sid);
    if (error)
        return error;
    error = start_session(token);
    CloseHandle(token);
    return error;
}

// By then Windows has done what it does in a user's registry when a process starts.
static DWORD ready(int count, wchar_t **fields)
{
    (void)count;
    DWORD id = wcstoul(fields[0], NULL, 10);
    HANDLE ends[] = {session_event(id), OpenProcess(SYNCHRONIZE, FALSE, id)};
    if (!ends[1])
        return GetLastError();
    DWORD end = WaitForMultipleObjects(LENGTH(ends), ends, FALSE, 30000);
    CloseHandle(ends[0]);
    CloseHandle(ends[1]);
    return end == WAIT_OBJECT_0 ? ERROR_SUCCESS : end == WAIT_TIMEOUT ? ERROR_TIMEOUT : ERROR_PROCESS_ABORTED;
}

static DWORD stop(int count, wchar_t **fields)
{
    (void)count;
    HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, wcstoul(fields[0], NULL, 10));
    if (!process)
        return GetLastError();
    DWORD error = TerminateProcess(process, 0) ? ERROR_SUCCESS : GetLastError();
    if (!error && WaitForSingleObject(process, 10000) != WAIT_OBJECT_0)
        error = ERROR_TIMEOUT;
    CloseHandle(process);
    return error;
}

static void put_user_of(DWORD id)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id), token;
    union {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } buffer;
    DWORD size;
    if (!process)
        return;
    if (OpenProcessToken(process, TOKEN_QUERY, &token)) {
        wchar_t *sid;
        if (GetTokenInformation(token, TokenUser, &buffer, sizeof buffer, &size) &&
            ConvertSidToStringSidW(buffer.user.User.Sid, &sid)) {
            put_text(sid);
            LocalFree(sid);
        }
        CloseHandle(token);
    }
    CloseHandle(process);
}

static DWORD processes(int count, wchar_t **fields)
{
    (void)count, (void)fields;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return GetLastError();
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    for (BOOL more = Process32FirstW(snapshot, &entry); more; more = Process32NextW(snapshot, &entry)) {
        put_number(entry.th32ProcessID);
        put_byte('\t');
        put_user_of(entry.th32ProcessID);
        put_byte('\t');
        put_text(entry.szExeFile);
        put_byte('\n');
    }
    CloseHandle(snapshot);
    return ERROR_SUCCESS;
}

// Answers when the console does, which for the first one takes Windows a second: it starts a desktop as well.
static DWORD console(int count, wchar_t **fields)
{
    (void)count, (void)fields;
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE), output = GetStdHandle(STD_OUTPUT_HANDLE);
    FreeConsole();  // the one that a process started on pipes has can't be used, and stands in the way
    if (!AllocConsole())
        return GetLastError();
    SetStdHandle(STD_INPUT_HANDLE, input);
    SetStdHandle(STD_OUTPUT_HANDLE, output);
    HANDLE screen = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    CONSOLE_SCREEN_BUFFER_INFO info;
    DWORD error = GetConsoleScreenBufferInfo(screen, &info) ? ERROR_SUCCESS : GetLastError();
    CloseHandle(screen);
    put_number(GetCurrentProcessId());
    put_byte('\n');
    return error;
}

// ------------------------------------------------------------------------------------------------------ commands

static const struct {
    const char *name;
    int fields;  // at least so many
    DWORD (*run)(int count, wchar_t **fields);
} commands[] = {
    {"set", 1, set},     {"delete", 1, delete_tree}, {"keys", 1, keys},     {"dump", 1, dump},
    {"save", 2, save},   {"load", 2, load},          {"unload", 1, unload}, {"start", 2, start},
    {"ready", 1, ready}, {"stop", 1, stop},          {"processes", 0, processes}, {"console", 0, console},
};

static DWORD run(char *line)
{
    int count = 0;
    wchar_t **fields = NULL;
    char *name = line, *rest = strchr(line, '\t');
    while (rest) {
        *rest++ = 0;
        char *field = rest;
        rest = strchr(field, '\t');
        if (rest)
            *rest = 0;
        fields = grown(fields, ((size_t)count + 1) * sizeof *fields);
        fields[count++] = decoded(field);
    }
    DWORD error = ERROR_INVALID_FUNCTION;
    for (size_t i = 0; i < LENGTH(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            error = count >= commands[i].fields ? commands[i].run(count, fields) : ERROR_INVALID_PARAMETER;
    while (count)
        free(fields[--count]);
    free(fields);
    return error;
}

// Saving and loading hives asks for these two.
static void enable_privileges(void)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token))
        return;
    static const wchar_t *const names[] = {SE_BACKUP_NAME, SE_RESTORE_NAME};
    for (size_t i = 0; i < LENGTH(names); i++) {
        TOKEN_PRIVILEGES privilege = {.PrivilegeCount = 1, .Privileges[0].Attributes = SE_PRIVILEGE_ENABLED};
        LookupPrivilegeValueW(NULL, names[i], &privilege.Privileges[0].Luid);
        AdjustTokenPrivileges(token, FALSE, &privilege, 0, NULL, NULL);
    }
    CloseHandle(token);
}

int wmain(int count, wchar_t **arguments)
{
    if (count > 1 && wcscmp(arguments[1], L"session") == 0)
        return be_session();
    enable_privileges();
    prepare_sessions();
    for (char *line; (line = next_line());) {
        DWORD error = run(line);
        put_byte('=');
        put_number(error);
        put_byte('\n');
        send_answer();
    }
    return 0;
}
