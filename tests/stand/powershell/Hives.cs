// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Runtime.InteropServices;
using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;

namespace Netdrive.Stand;

/// <summary>
/// Hives below HKEY_USERS as Windows keeps them: a loaded one is listed in the registry, its file is in use, and what was
/// changed in it is in the file once it is unloaded. Wine does none of it, so in this process RegLoadKeyW and
/// RegUnLoadKeyW lead here.
/// </summary>
internal static unsafe class Hives
{
    private const string Users = @"\REGISTRY\USER\";
    private const string Volume = @"\Device\HarddiskVolume1";  // C:, the only one there is
    private const int ErrorSharingViolation = 32;

    /// <summary>From here on. To be called before anybody calls the two.</summary>
    public static void KeepAsWindowsDoes()
    {
        var library = NativeLibrary.Load("advapi32.dll");
        Replace(NativeLibrary.GetExport(library, "RegLoadKeyW"), (nint)(delegate* unmanaged<nint, char*, char*, int>)&Load);
        Replace(NativeLibrary.GetExport(library, "RegUnLoadKeyW"), (nint)(delegate* unmanaged<nint, char*, int>)&Unload);
    }

    private static void Replace(nint function, nint replacement)
    {
        var code = new Span<byte>((void*)function, 12);
        VirtualProtect(function, code.Length, 0x40 /* PAGE_EXECUTE_READWRITE */, out _);
        (code[0], code[1], code[10], code[11]) = (0x48, 0xB8, 0xFF, 0xE0);  // mov rax, replacement; jmp rax
        BitConverter.TryWriteBytes(code[2..], replacement);
    }

    [UnmanagedCallersOnly]
    private static int Load(nint hkeyUsers, char* name, char* file) => Load(new string(name), new string(file));

    [UnmanagedCallersOnly]
    private static int Unload(nint hkeyUsers, char* name) => Unload(new string(name));

    private static int Load(string name, string file) => Alone(list =>
    {
        var path = Volume + file[2..];
        if (list.GetValueNames().Any(other => path.Equals(list.GetValue(other) as string, StringComparison.OrdinalIgnoreCase)))
            return ErrorSharingViolation;
        File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();  // nobody else may have it open
        var error = NtLoad(Users + name, @"\??\" + file);
        if (error == 0)
            list.SetValue(Users + name, path);
        return error;
    });

    private static int Unload(string name) => Alone(list =>
    {
        if (list.GetValue(Users + name) is string path)
            Write(name, "C:" + path[Volume.Length..]);
        var error = NtUnload(Users + name);
        if (error == 0)
            list.DeleteValue(Users + name, throwOnMissingValue: false);
        return error;
    });

    /// <summary>Runs the action on the list of loaded hives while no other process is at it.</summary>
    /// <returns>What the action returns: a system error code.</returns>
    private static int Alone(Func<RegistryKey, int> action)
    {
        using var turn = new Mutex(false, @"Global\netdrive_stand-hives");
        try { turn.WaitOne(); }
        catch (AbandonedMutexException) { }  // whoever had it was killed; the turn is ours
        using var list = Registry.LocalMachine.CreateSubKey(@"SYSTEM\CurrentControlSet\Control\hivelist");
        try { return action(list); }
        catch (Exception e) { return e.HResult & 0xFFFF; }
        finally { turn.ReleaseMutex(); }
    }

    /// <summary>Writes what a hive holds to its file, unless it is there.</summary>
    private static void Write(string name, string file)
    {
        var written = file + ".new";
        File.Delete(written);
        using var hive = Registry.Users.OpenSubKey(name);
        if (hive is null || RegSaveKeyW(hive.Handle, written, 0) != 0)
            return;
        if (!Contents(written).SequenceEqual(Contents(file)))
            File.Copy(written, file, overwrite: true);
        File.Delete(written);
    }

    // Wine's hives are text. The first lines say under which name it was saved.
    private static IEnumerable<string> Contents(string file) => File.ReadLines(file).Skip(2);

    private static int NtLoad(string key, string file)
    {
        fixed (char* keyText = key, fileText = file)
        {
            UnicodeString keyName = new(keyText, key.Length), fileName = new(fileText, file.Length);
            ObjectAttributes target = new(&keyName), source = new(&fileName);
            return RtlNtStatusToDosError(NtLoadKey(&target, &source));
        }
    }

    private static int NtUnload(string key)
    {
        fixed (char* text = key)
        {
            UnicodeString name = new(text, key.Length);
            ObjectAttributes target = new(&name);
            return RtlNtStatusToDosError(NtUnloadKey(&target));
        }
    }

    private readonly struct UnicodeString(char* text, int length)
    {
        private readonly ushort size = (ushort)(length * 2), room = (ushort)(length * 2);  // bytes
        private readonly char* text = text;
    }

    private readonly struct ObjectAttributes(UnicodeString* name)
    {
        private readonly int size = sizeof(ObjectAttributes);
        private readonly nint root;
        private readonly UnicodeString* name = name;
        private readonly int attributes = 0x40;  // OBJ_CASE_INSENSITIVE
        private readonly nint securityDescriptor, securityQuality;
    }

    [DllImport("ntdll.dll")] private static extern int NtLoadKey(ObjectAttributes* target, ObjectAttributes* source);

    [DllImport("ntdll.dll")] private static extern int NtUnloadKey(ObjectAttributes* target);

    [DllImport("ntdll.dll")] private static extern int RtlNtStatusToDosError(int status);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    private static extern int RegSaveKeyW(SafeRegistryHandle key, string file, nint security);

    [DllImport("kernel32.dll")]
    private static extern bool VirtualProtect(nint address, nint size, int protection, out int previous);
}
