// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;

namespace ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors
{
    /// <summary>
    /// The system errors that the documentation of the functions in use names; any other code is as valid.
    /// Source: "System Error Codes" and the pages of the WNet and registry functions in Microsoft's documentation.
    /// </summary>
    public enum SystemError
    {
        NO_ERROR = 0,
        ERROR_FILE_NOT_FOUND = 2,
        ERROR_PATH_NOT_FOUND = 3,
        ERROR_ACCESS_DENIED = 5,
        ERROR_INVALID_DATA = 13,
        ERROR_SHARING_VIOLATION = 32,
        ERROR_NOT_SUPPORTED = 50,
        ERROR_BAD_NETPATH = 53,
        ERROR_BAD_NET_NAME = 67,
        ERROR_ALREADY_ASSIGNED = 85,
        ERROR_INVALID_PASSWORD = 86,
        ERROR_INVALID_PARAMETER = 87,
        ERROR_INVALID_NAME = 123,
        ERROR_BUSY = 170,
        ERROR_ALREADY_EXISTS = 183,
        ERROR_FILE_TOO_LARGE = 223,
        ERROR_MORE_DATA = 234,
        ERROR_NO_MORE_ITEMS = 259,
        ERROR_INVALID_ADDRESS = 487,
        ERROR_STOPPED_ON_SYMLINK = 681,
        ERROR_OPERATION_ABORTED = 995,
        ERROR_BADDB = 1009,
        ERROR_NOT_REGISTRY_FILE = 1017,
        ERROR_KEY_DELETED = 1018,
        ERROR_BAD_DEVICE = 1200,
        ERROR_CONNECTION_UNAVAIL = 1201,
        ERROR_DEVICE_ALREADY_REMEMBERED = 1202,
        ERROR_NO_NET_OR_BAD_PATH = 1203,
        ERROR_BAD_PROVIDER = 1204,
        ERROR_CANNOT_OPEN_PROFILE = 1205,
        ERROR_BAD_PROFILE = 1206,
        ERROR_NOT_CONTAINER = 1207,
        ERROR_EXTENDED_ERROR = 1208,
        ERROR_SESSION_CREDENTIAL_CONFLICT = 1219,
        ERROR_NO_NETWORK = 1222,
        ERROR_NO_SUCH_LOGON_SESSION = 1312,
        ERROR_PRIVILEGE_NOT_HELD = 1314,
        ERROR_LOGON_FAILURE = 1326,
        ERROR_NONE_MAPPED = 1332,
        ERROR_INTERNAL_ERROR = 1359,
        ERROR_TIMEOUT = 1460,
        ERROR_NOT_CONNECTED = 2250,
        ERROR_OPEN_FILES = 2401,
        ERROR_ACTIVE_CONNECTIONS = 2402,
        ERROR_DEVICE_IN_USE = 2404
    }

    /// <summary>An error of Windows or of a network provider, as the result of a module shows it.</summary>
    public sealed class WindowsError
    {
        // In words of our own, the same in every language of Windows, and with what can be done about it.
        private static readonly Dictionary<SystemError, string> Texts = new Dictionary<SystemError, string>
        {
            { SystemError.NO_ERROR, "Windows reported success, but it is still there. Look for what brings it back: Group Policy drive maps, logon scripts, or the provider itself." },
            { SystemError.ERROR_FILE_NOT_FOUND, "A file or registry key is not there any more. Run again." },
            { SystemError.ERROR_PATH_NOT_FOUND, "A folder is not there any more. Run again." },
            { SystemError.ERROR_ACCESS_DENIED, "The account of the task may not do this. Use an administrator, or become SYSTEM." },
            { SystemError.ERROR_INVALID_DATA, "What is said of it can't be right." },
            { SystemError.ERROR_SHARING_VIOLATION, "Another process holds the profile, perhaps because its user is signing in. Run again later." },
            { SystemError.ERROR_NOT_SUPPORTED, "The network provider does not support this." },
            { SystemError.ERROR_BAD_NETPATH, "The server does not answer. Run again when it does." },
            { SystemError.ERROR_BAD_NET_NAME, "The server has no share of that name." },
            { SystemError.ERROR_ALREADY_ASSIGNED, "The device leads elsewhere by now." },
            { SystemError.ERROR_INVALID_PASSWORD, "The server does not take its user's own credentials. Its user has to connect by hand." },
            { SystemError.ERROR_INVALID_PARAMETER, "The network provider does not accept a parameter of the call." },
            { SystemError.ERROR_INVALID_NAME, "It has no remote name that can be compared, or one with a variable such as %USERNAME% in it, so that exclude may mean it, and it is left alone. To keep it for good, add its device to exclude; to remove it, name its device, and exclude devices only." },
            { SystemError.ERROR_BUSY, "The network provider stayed busy through several tries. Run again later." },
            { SystemError.ERROR_ALREADY_EXISTS, "A file or folder of that name is there already. See who made it." },
            { SystemError.ERROR_FILE_TOO_LARGE, "The profile's NTUSER.DAT is larger than 1 GiB, which none should be. Repair or delete the profile." },
            { SystemError.ERROR_MORE_DATA, "The network provider asks for more room than there can be." },
            { SystemError.ERROR_NO_MORE_ITEMS, "The network provider has nothing more to enumerate." },
            { SystemError.ERROR_INVALID_ADDRESS, "The network provider does not accept the address of a buffer." },
            { SystemError.ERROR_STOPPED_ON_SYMLINK, "There is a link where a file or folder should be, and it was not followed. See who made it." },
            { SystemError.ERROR_OPERATION_ABORTED, "The call was cancelled, as it took too long." },
            { SystemError.ERROR_BADDB, "The profile's NTUSER.DAT is corrupt. Repair or delete the profile." },
            { SystemError.ERROR_NOT_REGISTRY_FILE, "The profile's NTUSER.DAT is no registry hive. Repair or delete the profile." },
            { SystemError.ERROR_KEY_DELETED, "A registry key was deleted meanwhile. Run again." },
            { SystemError.ERROR_BAD_DEVICE, "The device can't be redirected." },
            { SystemError.ERROR_CONNECTION_UNAVAIL, "It is remembered, but not connected." },
            { SystemError.ERROR_DEVICE_ALREADY_REMEMBERED, "The profile remembers something else under this device by now." },
            { SystemError.ERROR_NO_NET_OR_BAD_PATH, "No network provider knows this server. Run again when it answers." },
            { SystemError.ERROR_BAD_PROVIDER, "The network provider that had it is not on this machine any more." },
            { SystemError.ERROR_CANNOT_OPEN_PROFILE, "Windows could not open the user's profile. Run again when its user is signed in." },
            { SystemError.ERROR_BAD_PROFILE, "The user's profile is in an incorrect format. Repair or delete the profile." },
            { SystemError.ERROR_NOT_CONTAINER, "The network provider has nothing to enumerate." },
            { SystemError.ERROR_EXTENDED_ERROR, "The network provider has an error of its own." },
            { SystemError.ERROR_SESSION_CREDENTIAL_CONFLICT, "The logon session is connected to this server with another account." },
            { SystemError.ERROR_NO_NETWORK, "There is no network, or the provider did not start. Look at the service Workstation." },
            { SystemError.ERROR_NO_SUCH_LOGON_SESSION, "The logon session has ended." },
            { SystemError.ERROR_PRIVILEGE_NOT_HELD, "Use an administrator, or become SYSTEM." },
            { SystemError.ERROR_LOGON_FAILURE, "The server does not take its user's own credentials. Its user has to connect by hand." },
            { SystemError.ERROR_NONE_MAPPED, "Nobody knows this account." },
            { SystemError.ERROR_INTERNAL_ERROR, "Something that was not foreseen went wrong." },
            { SystemError.ERROR_TIMEOUT, "It did not answer within the time that one call may take, and was given up; the server may be gone. Run again." },
            { SystemError.ERROR_NOT_CONNECTED, "Windows says that it is not connected, but it is still listed. Run again." },
            { SystemError.ERROR_OPEN_FILES, "Files or print jobs are open on it; 'force: true' would cut them off." },
            { SystemError.ERROR_ACTIVE_CONNECTIONS, "It is still in use; 'force: true' would cut it off." },
            { SystemError.ERROR_DEVICE_IN_USE, "A process uses the device; 'force: true' would cut it off." }
        };

        private const int MostNamed = 20;

        private readonly string message;

        /// <param name="code">A system error code (winerror.h).</param>
        /// <param name="message">What to say instead of what is usually said of this code.</param>
        public WindowsError(int code, string message = null)
        {
            Code = code;
            this.message = message;
        }

        public WindowsError(SystemError code, string message = null) : this((int)code, message) { }

        /// <summary>The system error code.</summary>
        public int Code { get; private set; }

        /// <summary>The name winerror.h has for the code; null for a code that is not in <see cref="SystemError"/>.</summary>
        public string Name { get { return Enum.GetName(typeof(SystemError), Code); } }

        /// <summary>What went wrong, and what to do; the system's text for a code that is not in <see cref="SystemError"/>.</summary>
        public string Message
        {
            get
            {
                string text;
                return message ?? (Texts.TryGetValue((SystemError)Code, out text) ? text : new Win32Exception(Code).Message.Trim());
            }
        }

        /// <summary>With ERROR_EXTENDED_ERROR: name, error code and text of the network provider; else null.</summary>
        public string Provider { get; set; }
        public int? ProviderCode { get; set; }
        public string ProviderMessage { get; set; }

        /// <summary>The error behind an exception; ERROR_INTERNAL_ERROR where that is none of Windows.</summary>
        public static WindowsError Of(Exception exception)
        {
            if (exception is WindowsErrorException)
                return ((WindowsErrorException)exception).Error;
            if (exception is Win32Exception)
                return new WindowsError(((Win32Exception)exception).NativeErrorCode);
            if (exception is UnauthorizedAccessException || exception is SecurityException)
                return new WindowsError(SystemError.ERROR_ACCESS_DENIED);
            if (exception is IOException)
                return new WindowsError(exception.HResult & 0xFFFF);  // HRESULT_FROM_WIN32
            return new WindowsError(SystemError.ERROR_INTERNAL_ERROR, exception.Message);
        }

        /// <summary>What failed, for a module's message: the first ones, and how many more there are.</summary>
        /// <param name="failures">A sentence each.</param>
        public static string Named(IList<string> failures)
        {
            string named = String.Join(" ", failures.Take(MostNamed));
            return failures.Count <= MostNamed ? named : named + " And " + (failures.Count - MostNamed) + " more, see connections.";
        }

        public bool Is(SystemError error) { return Code == (int)error; }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "code", Code },
                { "name", Name },
                { "message", Message },
                { "provider", Provider },
                { "provider_code", ProviderCode },
                { "provider_message", ProviderMessage }
            };
        }

        public override string ToString()
        {
            string text = String.Format(CultureInfo.InvariantCulture, "{0} ({1}): {2}", Name ?? "error", Code, Message);
            if (ProviderCode == null)
                return text;
            return String.Format(CultureInfo.InvariantCulture, "{0} {1} says {2}: {3}", text, Provider, ProviderCode, ProviderMessage);
        }
    }

    /// <summary>Thrown where an error of Windows ends more than one connection's clean-up.</summary>
    public sealed class WindowsErrorException : Exception
    {
        /// <param name="what">What could not be done.</param>
        public WindowsErrorException(string what, WindowsError error) : base(what + ": " + error)
        {
            Error = error;
        }

        public WindowsError Error { get; private set; }
    }
}
