// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.AccessControl;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;
using ansible_collections.netdrive.windows.plugins.module_utils.OpenFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Oplocks;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.HiveFiles
{
    /// <summary>
    /// The hive files of profiles, and the folders that runs copy them to. A run has one folder, which nobody but
    /// administrators and SYSTEM can open, and holds it for as long as it is alive: that tells its copies from those that a
    /// killed run left. Virtual, so that tests can have files that no stand has.
    /// </summary>
    public class HiveFileApi
    {
        private const string FileName = @"\NTUSER.DAT";
        private const string MandatoryFileName = @"\NTUSER.MAN";
        private const int Tries = 3;
        private const int Pause = 100;  // milliseconds

        // The owner is said as well, as an owner may let others in. P: nothing is inherited from Temp.
        private const string OnlyAdministrators = "O:BAG:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)";

        /// <summary>The hive file of the profile in a folder.</summary>
        public static string In(string folder)
        {
            return folder.TrimEnd('\\') + FileName;
        }

        /// <summary>Why the hive in a profile's folder can't be looked at, in words; null where it can, as far as one sees.</summary>
        public virtual string WhyNot(string folder)
        {
            // Nothing on the network is ever opened: it might be the very server that is gone.
            if (folder.Length < 3 || !Char.IsLetter(folder[0]) || folder.Substring(1, 2) != @":\" || new DriveInfo(folder.Substring(0, 1)).DriveType == DriveType.Network)
                return "The profile's folder is not on a disk of this machine.";
            try
            {
                using (HiveFileSet files = new HiveFileSet(In(folder), FileUse.Look))
                    return files.IsLinked ? "NTUSER.DAT or a folder above it is a link, and nothing outside of the profile is opened." : null;
            }
            catch (Win32Exception e)
            {
                WindowsError error = WindowsError.Of(e);
                if (!error.Is(SystemError.ERROR_FILE_NOT_FOUND) && !error.Is(SystemError.ERROR_PATH_NOT_FOUND))
                    return null;  // it is there: copying it says what is wrong
            }
            if (File.Exists(folder + MandatoryFileName))
                return "The profile is mandatory (NTUSER.MAN): it keeps nothing of what its user does.";
            return (Directory.Exists(folder) ? "The profile's folder has no NTUSER.DAT." : "The profile's folder is not there.")
                + " It may have been deleted, or be in a container (FSLogix, User Profile Disk) that is there only while its user is signed in.";
        }

        /// <summary>Makes a run's folder and holds it until disposed of; then it is deleted with all that is in it.</summary>
        /// <exception cref="Win32Exception">It could not be made, or not where it was meant to be.</exception>
        public virtual IDisposable MakeRunFolder(string run)
        {
            for (int i = 1; ; i++)
            {
                CreateDirectory(PathOf(run));
                try
                {
                    return new RunFolder(PathOf(run));
                }
                catch (Win32Exception e)
                {
                    // Until it is held, another run takes it for one that a killed run left: it has it open to see that, or deletes it.
                    WindowsError error = WindowsError.Of(e);
                    if (i == Tries || !(error.Is(SystemError.ERROR_FILE_NOT_FOUND) || error.Is(SystemError.ERROR_SHARING_VIOLATION)))
                        throw;
                    Thread.Sleep(Pause);
                }
            }
        }

        /// <summary>The names of the folders of runs, alive or not.</summary>
        public virtual IList<string> Runs(string prefix)
        {
            try
            {
                return Directory.GetDirectories(Temp, prefix + "*").Select(path => Path.GetFileName(path)).ToList();
            }
            catch (UnauthorizedAccessException) { return new string[0]; }  // who may not list it may not unload hives either
            catch (IOException) { return new string[0]; }  // there is no such folder
        }

        /// <summary>Whether a run is alive: whether it holds its folder.</summary>
        public virtual bool IsAlive(string run)
        {
            try
            {
                using (new OpenFile(PathOf(run), FileUse.Delete))
                    return false;
            }
            catch (Win32Exception e)
            {
                return WindowsError.Of(e).Is(SystemError.ERROR_SHARING_VIOLATION);
            }
        }

        /// <summary>Deletes the folder of a run that is not alive any more.</summary>
        public virtual void DeleteRunFolder(string run)
        {
            try
            {
                using (new RunFolder(PathOf(run))) { }
            }
            catch (Win32Exception) { }  // it is none, or gone, or another run is at it
        }

        /// <summary>Copies a hive file and its logs, without which one that was not closed properly is not complete.</summary>
        /// <returns>The copied hive file; null where somebody wants the originals or changed them, so that the copy may be no hive.</returns>
        /// <exception cref="Win32Exception">The originals could not be opened, or are links.</exception>
        /// <exception cref="IOException">They could not be read, or the copy could not be written.</exception>
        public virtual string Copy(string file, string run, string name)
        {
            string folder = PathOf(run) + @"\" + name;
            Directory.CreateDirectory(folder);
            using (HiveFileSet originals = new HiveFileSet(file, FileUse.Read))
            {
                originals.RequireNoLinks();
                if (!originals.CopyTo(In(folder)))
                    return null;
                using (HiveFileSet now = new HiveFileSet(file, FileUse.Look))
                    return originals.IsAsBefore(now) ? In(folder) : null;
            }
        }

        /// <summary>Deletes a copy; one that is still loaded stays, and goes with the run's folder or by the next run.</summary>
        public virtual void DeleteCopy(string run, string name)
        {
            Delete(PathOf(run) + @"\" + name);
        }

        /// <summary>
        /// Sees to it that a hive file and its logs are the profile's own and stay in place until disposed of, and puts their time
        /// stamps back then: Windows takes a profile that is newer than its server's copy for changed, and an old one for unused.
        /// </summary>
        /// <exception cref="Win32Exception">They are links, or can't be opened.</exception>
        public virtual IDisposable Keep(string file)
        {
            return new KeptFiles(file);
        }

        private static string Temp
        {
            get { return Environment.GetFolderPath(Environment.SpecialFolder.Windows) + @"\Temp"; }
        }

        private static string PathOf(string run)
        {
            return Temp + @"\" + run;
        }

        private static void CreateDirectory(string path)
        {
            RawSecurityDescriptor descriptor = new RawSecurityDescriptor(OnlyAdministrators);
            byte[] bytes = new byte[descriptor.BinaryLength];
            descriptor.GetBinaryForm(bytes, 0);
            using (NativeBuffer memory = new NativeBuffer(bytes.Length))
            {
                Marshal.Copy(bytes, 0, memory.DangerousGetHandle(), bytes.Length);
                NativeMethods.SECURITY_ATTRIBUTES attributes = new NativeMethods.SECURITY_ATTRIBUTES
                {
                    nLength = Marshal.SizeOf(typeof(NativeMethods.SECURITY_ATTRIBUTES)),
                    lpSecurityDescriptor = memory.DangerousGetHandle()
                };
                // One of that name is of the try before; whoever holds it looks whose it is.
                if (!NativeMethods.CreateDirectoryW(path, ref attributes) && Marshal.GetLastWin32Error() != (int)SystemError.ERROR_ALREADY_EXISTS)
                    throw new Win32Exception();
            }
        }

        private static void Delete(string folder)
        {
            try
            {
                Directory.Delete(folder, true);
            }
            catch (IOException) { }
            catch (UnauthorizedAccessException) { }
        }

        /// <summary>The folder of a run, held: nobody can delete it or put another in its place.</summary>
        private sealed class RunFolder : IDisposable
        {
            private readonly string path;
            private readonly OpenFile folder;

            public RunFolder(string path)
            {
                this.path = path;
                folder = new OpenFile(path, FileUse.Read | FileUse.ReadOwner, FileShare.ReadWrite);
                // Everybody may make folders in Temp. Whoever made one with links in it must not have them followed.
                if (!folder.IsLinked && folder.IsOfAdministrators)
                    return;
                folder.Dispose();
                throw new Win32Exception((int)SystemError.ERROR_STOPPED_ON_SYMLINK);
            }

            public void Dispose()
            {
                foreach (string copy in Directory.GetDirectories(path))
                    HiveFileApi.Delete(copy);
                folder.Dispose();
                HiveFileApi.Delete(path);
            }
        }

        /// <summary>
        /// A hive file, and those of its logs that are there. The registry wants them to itself, so that while they are open for reading
        /// whoever signs in would get a temporary profile; with oplocks the registry waits, and is let in at once.
        /// </summary>
        private sealed class HiveFileSet : IDisposable
        {
            private const long Largest = 1L << 30;  // bytes; profiles' hives have some megabytes
            private const int BufferSize = 1 << 20;
            private static readonly string[] Logs = { ".LOG1", ".LOG2" };

            private readonly Dictionary<string, OpenFile> files = new Dictionary<string, OpenFile>();
            private readonly List<FilterOplock> oplocks = new List<FilterOplock>();

            /// <exception cref="Win32Exception">The hive file is not there, or one of them can't be opened.</exception>
            public HiveFileSet(string file, FileUse use)
            {
                try
                {
                    Add(file, "", use);
                    foreach (string log in Logs)
                        AddLog(file, log, use);
                }
                catch (Win32Exception)
                {
                    Dispose();
                    throw;
                }
            }

            private void AddLog(string file, string log, FileUse use)
            {
                try
                {
                    Add(file, log, use);
                }
                catch (Win32Exception e)
                {
                    if (!WindowsError.Of(e).Is(SystemError.ERROR_FILE_NOT_FOUND))
                        throw;
                }
            }

            private void Add(string file, string log, FileUse use)
            {
                if (use == FileUse.Read)
                    oplocks.Add(new FilterOplock(file + log));
                files.Add(log, new OpenFile(file + log, use));
            }

            public bool IsLinked { get { return files.Values.Any(file => file.IsLinked); } }

            /// <exception cref="Win32Exception">One of them is a link.</exception>
            public void RequireNoLinks()
            {
                if (IsLinked)
                    throw new Win32Exception((int)SystemError.ERROR_STOPPED_ON_SYMLINK);
            }

            /// <returns>False where somebody wants the files.</returns>
            public bool CopyTo(string copy)
            {
                if (files.Values.Sum(file => file.Size) > Largest)
                    throw new Win32Exception((int)SystemError.ERROR_FILE_TOO_LARGE);
                foreach (KeyValuePair<string, OpenFile> file in files)
                    using (FileStream source = new FileStream(file.Value.Handle, FileAccess.Read, 1))
                    using (FileStream target = new FileStream(copy + file.Key, FileMode.Create, FileAccess.Write, FileShare.None, 1))
                        Copy(source, target, file.Value.Size);
                return !IsWanted;
            }

            // No more than there was at first: who appends to the file must not fill the disk.
            private void Copy(Stream source, Stream target, long size)
            {
                byte[] buffer = new byte[Math.Min(size, BufferSize)];
                for (int read; size > 0 && !IsWanted && (read = source.Read(buffer, 0, (int)Math.Min(size, buffer.Length))) > 0; size -= read)
                    target.Write(buffer, 0, read);
            }

            private bool IsWanted { get { return oplocks.Any(oplock => oplock.IsWanted); } }

            public bool IsAsBefore(HiveFileSet now)
            {
                return files.Count == now.files.Count && files.All(file => now.files.ContainsKey(file.Key) && file.Value.IsAsBefore(now.files[file.Key]));
            }

            public void PutTimesBack()
            {
                foreach (OpenFile file in files.Values)
                    file.PutTimesBack();
            }

            public void Dispose()
            {
                foreach (OpenFile file in files.Values)
                    file.Dispose();
                foreach (FilterOplock oplock in oplocks)
                    oplock.Dispose();
            }
        }

        private sealed class KeptFiles : IDisposable
        {
            private readonly HiveFileSet files;
            private readonly OpenFile folder;

            public KeptFiles(string file)
            {
                folder = new OpenFile(Path.GetDirectoryName(file), FileUse.Read, FileShare.ReadWrite);
                try
                {
                    using (files = new HiveFileSet(file, FileUse.Look))  // closed again, as the registry wants the files to itself
                        files.RequireNoLinks();
                }
                catch (Win32Exception)
                {
                    folder.Dispose();
                    throw;
                }
            }

            public void Dispose()
            {
                try
                {
                    files.PutTimesBack();
                }
                catch (Win32Exception) { }  // it is gone, or another is in its place
                folder.Dispose();
            }
        }

        private static class NativeMethods
        {
            [StructLayout(LayoutKind.Sequential)]
            public struct SECURITY_ATTRIBUTES
            {
                public int nLength;
                public IntPtr lpSecurityDescriptor;
                public int bInheritHandle;
            }

            [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool CreateDirectoryW(string lpPathName, ref SECURITY_ATTRIBUTES lpSecurityAttributes);
        }
    }
}
