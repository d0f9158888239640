// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Security.Principal;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Accounts
{
    /// <summary>Names of accounts and their SIDs, as this machine knows them. Virtual, so that tests can have accounts of their own.</summary>
    public class AccountApi
    {
        /// <summary>LookupAccountName: 'DOMAIN\name', 'name@domain', 'name'.</summary>
        /// <returns>The SID; null for an account that nobody knows.</returns>
        public virtual string SidOf(string account)
        {
            try
            {
                return ((SecurityIdentifier)new NTAccount(account).Translate(typeof(SecurityIdentifier))).Value;
            }
            catch (IdentityNotMappedException) { return null; }
            catch (ArgumentException) { return null; }
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

        public virtual bool IsSid(string text)
        {
            try
            {
                return new SecurityIdentifier(text).Value.Length > 0;
            }
            catch (ArgumentException) { return false; }
        }
    }

    /// <summary>Whose connections are meant: the option users.</summary>
    public sealed class UserSelection
    {
        private const string CurrentUser = "current";
        private const string AllUsers = "all";

        private readonly HashSet<string> sids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        /// <param name="users">'current', 'all', account names and SIDs.</param>
        /// <exception cref="ArgumentException">An account is not known; the message names it.</exception>
        public UserSelection(IList users, AccountApi accounts)
        {
            if (users.Count == 0)
                throw new ArgumentException("users is an empty list, which selects nobody; say current, all or accounts");
            foreach (object value in users)
                Add(value as string ?? "", accounts);
        }

        /// <summary>Whether the logon session of the task is meant, whoever it belongs to.</summary>
        public bool Current { get; private set; }

        /// <summary>Whether everybody is meant.</summary>
        public bool All { get; private set; }

        /// <summary>Whether anyone beyond the task's own logon session is meant.</summary>
        public bool Others { get { return All || sids.Count > 0; } }

        public bool Matches(string sid)
        {
            return All || sids.Contains(sid);
        }

        private void Add(string user, AccountApi accounts)
        {
            if (String.Equals(user, CurrentUser, StringComparison.OrdinalIgnoreCase))
                Current = true;
            else if (String.Equals(user, AllUsers, StringComparison.OrdinalIgnoreCase))
                All = true;
            else
                sids.Add(SidOf(user, accounts));
        }

        private static string SidOf(string user, AccountApi accounts)
        {
            if (user.Trim().Length == 0)
                throw new ArgumentException("users: '' is empty");
            if (accounts.IsSid(user))
                return user;
            string account = user.StartsWith(@".\", StringComparison.Ordinal) ? Environment.MachineName + user.Substring(1) : user;
            string sid = accounts.SidOf(account);
            if (sid == null)
                throw new ArgumentException("users: '" + user + "' is no account that this machine knows; say DOMAIN\\name, name@domain, .\\name, a SID, current or all");
            return sid;
        }
    }
}
