// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.LogonSessions
{
    /// <summary>A logon session: one user's sign-in, the owner of its network connections.</summary>
    public sealed class LogonSession : IDisposable
    {
        private const int MostTokens = 4;

        private readonly List<Token> tokens = new List<Token>();

        internal LogonSession(Token token, bool isCurrent)
        {
            tokens.Add(token);
            Sid = token.Sid;
            LogonId = "0x" + token.LogonId.ToString("x", CultureInfo.InvariantCulture);
            SessionId = token.SessionId;
            IsCurrent = isCurrent;
        }

        public string Sid { get; private set; }

        /// <summary>The LUID in hexadecimal, as klist and logonsessions show it: '0x3e7' is SYSTEM's.</summary>
        public string LogonId { get; private set; }

        /// <summary>The Remote Desktop session of the process that it was found through.</summary>
        public int SessionId { get; private set; }

        /// <summary>Whether it is the one that this task runs in.</summary>
        public bool IsCurrent { get; private set; }

        /// <summary>Whether it is a service's.</summary>
        public bool IsOfService { get { return tokens[0].IsOfService; } }

        /// <summary>
        /// Takes over the token of another process. Under one that is sandboxed or restricted the session's connections may not be
        /// reached, so any other is better; and a few are kept, as <see cref="TryNextToken"/> may want another.
        /// </summary>
        internal void Add(Token token)
        {
            if (IsCurrent)
            {
                token.Dispose();
                return;
            }
            int rank = Rank(token);
            int worse = tokens.FindIndex(known => Rank(known) > rank);
            tokens.Insert(worse < 0 ? tokens.Count : worse, token);
            if (tokens.Count <= MostTokens)
                return;
            tokens[MostTokens].Dispose();
            tokens.RemoveAt(MostTokens);
        }

        /// <summary>Gives up the token that the work was done under, as it failed.</summary>
        /// <returns>False where there is no other.</returns>
        internal bool TryNextToken()
        {
            lock (tokens)  // a call that was given up may come here while the session is disposed of
            {
                if (tokens.Count == 1)
                    return false;
                tokens[0].Dispose();
                tokens.RemoveAt(0);
                return true;
            }
        }

        /// <summary>The token of the other half of a split administrator; null where there is none.</summary>
        internal Token LinkedToken()
        {
            return tokens[0].Linked();
        }

        /// <summary>Does the work in this logon session, on the calling thread.</summary>
        public T Run<T>(Func<T> work)
        {
            if (IsCurrent)
                return work();
            T result = default(T);
            tokens[0].Impersonate(() => result = work());
            return result;
        }

        public void Dispose()
        {
            lock (tokens)
                foreach (Token token in tokens)
                    token.Dispose();
        }

        private static int Rank(Token token)
        {
            return token.IsSandboxed ? 2 : token.IsRestricted ? 1 : 0;
        }
    }

    /// <summary>The logon sessions of this machine.</summary>
    public sealed class SessionFinder
    {
        private const string DebugPrivilege = "SeDebugPrivilege";
        private const string TcbPrivilege = "SeTcbPrivilege";
        private const string SystemSid = "S-1-5-18";

        private readonly TokenApi api;

        public SessionFinder(TokenApi api)
        {
            this.api = api;
        }

        /// <summary>The logon session of this task.</summary>
        public LogonSession Current()
        {
            return new LogonSession(api.Own(), true);
        }

        /// <summary>Every logon session that has a process, and the other halves of split administrators, which may have none.</summary>
        /// <exception cref="WindowsErrorException">This account may not open the processes of others.</exception>
        public IList<LogonSession> All()
        {
            using (EnableDebugPrivilege())
            using (Token own = api.Own())
            {
                IList<int> processes = api.Processes();
                if (IsSystem(own))
                    return Collect(processes);
                using (Token system = FindSystem(processes))
                {
                    IList<LogonSession> sessions = null;
                    system.Impersonate(() => sessions = Collect(processes));
                    return sessions;
                }
            }
        }

        // SYSTEM may open every token, and with SeTcbPrivilege a linked one can be impersonated (TOKEN_LINKED_TOKEN's page).
        private static bool IsSystem(Token token)
        {
            return token.Sid == SystemSid && token.Holds(TcbPrivilege);
        }

        private IDisposable EnableDebugPrivilege()
        {
            try
            {
                return api.Enable(DebugPrivilege);  // with it the processes of others can be opened
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw new WindowsErrorException("Other users' logon sessions need " + DebugPrivilege + ", which the account of this task does not hold "
                    + "(members of Administrators do, where they are not filtered by UAC; 'users: [current]' needs no right)",
                    new WindowsError(SystemError.ERROR_PRIVILEGE_NOT_HELD));
            }
        }

        private Token FindSystem(IList<int> processes)
        {
            foreach (int process in processes)
            {
                Token token = api.OfProcess(process);
                if (token == null)
                    continue;
                if (IsSystem(token))
                    return token;
                token.Dispose();
            }
            throw new WindowsErrorException("Other users' logon sessions need a token of SYSTEM with " + TcbPrivilege + ", and no process gave one; become SYSTEM",
                new WindowsError(SystemError.ERROR_ACCESS_DENIED));
        }

        private IList<LogonSession> Collect(IList<int> processes)
        {
            Dictionary<string, LogonSession> sessions = new Dictionary<string, LogonSession>();
            AddBothHalves(sessions, api.Own(), true);
            foreach (int process in processes)
            {
                Token token = api.OfProcess(process);
                if (token != null)
                    AddBothHalves(sessions, token, false);
            }
            return sessions.Values.ToList();
        }

        private static void AddBothHalves(Dictionary<string, LogonSession> sessions, Token token, bool isCurrent)
        {
            LogonSession session = Add(sessions, token, isCurrent);
            Token linked = session == null ? null : session.LinkedToken();
            if (linked != null)
                Add(sessions, linked, false);
        }

        /// <returns>The session, if it was not known.</returns>
        private static LogonSession Add(Dictionary<string, LogonSession> sessions, Token token, bool isCurrent)
        {
            // A LUID is enough on Windows; the SID beside it does no harm and tells apart what some systems give one LUID.
            string key = token.LogonId + " " + token.Sid;
            LogonSession session;
            if (sessions.TryGetValue(key, out session))
            {
                session.Add(token);
                return null;
            }
            session = new LogonSession(token, isCurrent);
            sessions.Add(key, session);
            return session;
        }
    }
}
