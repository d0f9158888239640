// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls
{
    /// <summary>A call into Windows that may hang, on a thread of its own, which impersonation never leaves.</summary>
    public sealed class BoundedCall<T>
    {
        /// <summary>As many as this wait for a server at a time; more would be a burst on one that is alive.</summary>
        public const int AtATime = 8;

        private readonly Func<T> work;
        private readonly Stopwatch clock = new Stopwatch();
        private Exception exception;
        private bool finished;
        private bool givenUp;

        public BoundedCall(Func<T> work)
        {
            this.work = work;
        }

        /// <summary>What the call returned; the default of T where there is an error.</summary>
        public T Result { get; private set; }

        /// <summary>Why the call did not do its work, ERROR_TIMEOUT for one that was given up; null where it did.</summary>
        public WindowsError Error
        {
            get
            {
                if (givenUp)
                    return new WindowsError(SystemError.ERROR_TIMEOUT);
                return exception == null ? null : WindowsError.Of(exception);
            }
        }

        /// <summary>Runs calls side by side, a few at a time; returns once each has come back or was given up.</summary>
        /// <param name="calls">The calls; each is started once.</param>
        /// <param name="timeout">How long one call may take. A call given up is left alone, and ends with the process at the latest.</param>
        public static void RunAll(IEnumerable<BoundedCall<T>> calls, TimeSpan timeout)
        {
            object monitor = new object();
            Queue<BoundedCall<T>> waiting = new Queue<BoundedCall<T>>(calls);
            List<BoundedCall<T>> running = new List<BoundedCall<T>>();
            lock (monitor)
            {
                while (waiting.Count > 0 || running.Count > 0)
                {
                    while (waiting.Count > 0 && running.Count < AtATime)
                    {
                        running.Add(waiting.Peek());
                        waiting.Dequeue().Start(monitor);
                    }
                    TimeSpan left = timeout - running.Max(call => call.clock.Elapsed);
                    if (left > TimeSpan.Zero && !running.Any(call => call.finished))
                        Monitor.Wait(monitor, left);
                    foreach (BoundedCall<T> call in running)
                        call.givenUp = !call.finished && call.clock.Elapsed >= timeout;
                    running.RemoveAll(call => call.finished || call.givenUp);
                }
            }
        }

        private void Start(object monitor)
        {
            clock.Start();
            Thread thread = new Thread(() => Run(monitor));
            thread.IsBackground = true;
            thread.Start();
        }

        private void Run(object monitor)
        {
            T returned = default(T);
            Exception thrown = null;
            try
            {
                returned = work();
            }
            catch (Exception e)
            {
                thrown = e;
            }
            lock (monitor)
            {
                if (givenUp)
                    return;  // too late: reported already
                Result = returned;
                exception = thrown;
                finished = true;
                Monitor.PulseAll(monitor);
            }
        }
    }
}
