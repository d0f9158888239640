// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Principal;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Accounts
{
    /// <summary>What an account is; the numbers of SID_NAME_USE.</summary>
    public enum AccountKind
    {
        User = 1,
        WellKnownGroup = 5  // the accounts of the system, too
    }

    /// <summary>Names of accounts and their SIDs, as this machine knows them. Virtual, so that tests can have accounts of their own.</summary>
    public class AccountApi
    {
        private const int LargestSid = 68;  // bytes; SECURITY_MAX_SID_SIZE
        private static readonly Regex Sid = new Regex(@"^S-1-[0-9]+(-[0-9]+)+\z", RegexOptions.IgnoreCase);

        /// <summary>Whether it is a SID as Windows writes it.</summary>
        public static bool IsSid(string text)
        {
            return Sid.IsMatch(text);
        }

        /// <summary>Whether two names may be one account's: 'DOMAIN\name', 'name@domain', 'name'. Domains have two names each and don't count.</summary>
        public static bool IsSameName(string one, string other)
        {
            return String.Equals(WithoutDomain(one), WithoutDomain(other), StringComparison.OrdinalIgnoreCase);
        }

        private static string WithoutDomain(string account)
        {
            return account.Substring(account.LastIndexOf('\\') + 1).Split('@')[0];
        }

        /// <summary>LookupAccountName: 'DOMAIN\name', 'name@domain', 'name'.</summary>
        /// <exception cref="Win32Exception">ERROR_NONE_MAPPED for an account that nobody knows; or the domain does not answer.</exception>
        public virtual string SidOf(string account, out AccountKind kind)
        {
            using (NativeBuffer sid = new NativeBuffer(LargestSid))
            {
                StringBuilder domain = new StringBuilder(256);
                int size = sid.Size, length = domain.Capacity;
                if (!NativeMethods.LookupAccountNameW(null, account, sid, ref size, domain, ref length, out kind))
                    throw new Win32Exception();
                return new SecurityIdentifier(sid.DangerousGetHandle()).Value;
            }
        }

        /// <summary>LookupAccountSid.</summary>
        /// <returns>'DOMAIN\name'; null where the account was deleted or its domain does not answer.</returns>
        public virtual string NameOf(string sid)
        {
            try
            {
                return new SecurityIdentifier(sid).Translate(typeof(NTAccount)).Value;
            }
            catch (SystemException) { return null; }  // IdentityNotMappedException, or the domain does not answer
        }

        private static class NativeMethods
        {
            [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool LookupAccountNameW(string lpSystemName, string lpAccountName, NativeBuffer Sid, ref int cbSid,
                StringBuilder ReferencedDomainName, ref int cchReferencedDomainName, out AccountKind peUse);
        }
    }

    /// <summary>Whose connections are meant: the option users.</summary>
    public sealed class UserSelection
    {
        private const string CurrentUser = "current";
        private const string AllUsers = "all";

        // SYSTEM, LOCAL SERVICE and NETWORK SERVICE; NT SERVICE\name; IIS APPPOOL\name ("Well-known SIDs"). S-1-5-80-0 is all services.
        private static readonly Regex AccountOfSystem = new Regex(@"^S-1-5-(18|19|20|8[02]-[0-9]+(-[0-9]+)+)\z");

        private readonly HashSet<string> sids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        /// <param name="users">'current', 'all', account names and SIDs, as one text or a list.</param>
        /// <exception cref="ArgumentException">An account is not known, or is none of a user; the message names it.</exception>
        public UserSelection(object users, AccountApi accounts)
        {
            IList<string> values = NameList.Of("users", users) ?? new string[0];
            if (values.Count == 0)
                throw new ArgumentException("users: the list is empty, which selects nobody" + NameList.Example("users", "all"));
            foreach (string value in values)
                NameList.Parsed("users", value, user => Add(user, accounts));
        }

        /// <summary>Whether the logon session of the task is meant, whoever it belongs to.</summary>
        public bool Current { get; private set; }

        /// <summary>Whether everybody is meant.</summary>
        public bool All { get; private set; }

        /// <summary>Whether anyone beyond the task's own logon session is meant.</summary>
        public bool Others { get { return All || sids.Count > 0; } }

        public bool Matches(string sid)
        {
            return All || Names(sid);
        }

        /// <summary>Whether an account is named, be it besides all.</summary>
        public bool Names(string sid)
        {
            return sids.Contains(sid);
        }

        private bool Add(string user, AccountApi accounts)
        {
            NameList.RequireOne("users", user, pieces => user.IndexOfAny(NameList.Separators) >= 0);  // which no account has: "User Name Formats"
            if (String.Equals(user, CurrentUser, StringComparison.OrdinalIgnoreCase))
                Current = true;
            else if (String.Equals(user, AllUsers, StringComparison.OrdinalIgnoreCase))
                All = true;
            else
                sids.Add(SidOf(user, accounts));
            return true;
        }

        private static string SidOf(string user, AccountApi accounts)
        {
            if (AccountApi.IsSid(user))
                return user;
            if (user.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException("is no SID" + NameList.Example("users", "S-1-5-21-1004336348-1177238915-682003330-1001"));
            string account = user.StartsWith(@".\", StringComparison.Ordinal) ? Environment.MachineName + user.Substring(1) : user;
            AccountKind kind;
            string sid;
            try
            {
                sid = accounts.SidOf(account, out kind);
            }
            catch (Win32Exception e)
            {
                throw new ArgumentException("was not found on this machine or in its domain; say DOMAIN\\name, name@domain, .\\name, a SID, "
                    + "current or all. " + WindowsError.Of(e));
            }
            if (kind != AccountKind.User && !(kind == AccountKind.WellKnownGroup && AccountOfSystem.IsMatch(sid)))
                throw new ArgumentException("is a group, a domain or a computer, and connections belong to users; name these, or their SIDs");
            return sid;
        }
    }
}
