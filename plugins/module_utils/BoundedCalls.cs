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
    /// <summary>A call into Windows that may hang, on a worker thread, which impersonation never leaves.</summary>
    public sealed class BoundedCall<T>
    {
        /// <summary>As many as this wait for a server at a time; more would be a burst on one that is alive.</summary>
        public const int AtATime = 8;

        private readonly Func<T> work;
        private readonly Stopwatch clock = new Stopwatch();
        private Exception exception;

        public BoundedCall(Func<T> work)
        {
            this.work = work;
        }

        /// <summary>What the call returned; the default of T where there is an error.</summary>
        public T Result { get; private set; }

        /// <summary>Whether the call took too long, and may yet do its work.</summary>
        public bool GivenUp { get; private set; }

        /// <summary>Why the call did not do its work, ERROR_TIMEOUT for one that was given up; null where it did.</summary>
        public WindowsError Error
        {
            get
            {
                if (GivenUp)
                    return new WindowsError(SystemError.ERROR_TIMEOUT);
                return exception == null ? null : WindowsError.Of(exception);
            }
        }

        /// <summary>Runs calls side by side, a few at a time; returns once each has come back or was given up.</summary>
        /// <param name="calls">The calls; each is started once.</param>
        /// <param name="timeout">How long one call may take. A call given up is left alone, and ends with the process at the latest.</param>
        public static void RunAll(IEnumerable<BoundedCall<T>> calls, TimeSpan timeout)
        {
            new Batch(calls).Run(timeout);
        }

        /// <returns>What notes how the call ended.</returns>
        private Action Run()
        {
            try
            {
                T returned = work();
                return () => Result = returned;
            }
            catch (Exception e)
            {
                return () => exception = e;
            }
        }

        private sealed class Batch
        {
            private readonly object monitor = new object();
            private readonly Queue<BoundedCall<T>> waiting;
            private readonly List<BoundedCall<T>> running = new List<BoundedCall<T>>();

            public Batch(IEnumerable<BoundedCall<T>> calls)
            {
                waiting = new Queue<BoundedCall<T>>(calls);
            }

            public void Run(TimeSpan timeout)
            {
                lock (monitor)
                {
                    while (waiting.Count > 0 || running.Count > 0)
                    {
                        while (waiting.Count > 0 && running.Count < AtATime)
                            StartWorker(Next());
                        TimeSpan left = timeout - running.Max(call => call.clock.Elapsed);
                        if (left > TimeSpan.Zero)
                            Monitor.Wait(monitor, left);
                        foreach (BoundedCall<T> call in running)
                            call.GivenUp = call.clock.Elapsed >= timeout;
                        running.RemoveAll(call => call.GivenUp);
                    }
                }
            }

            private void StartWorker(BoundedCall<T> first)
            {
                Thread thread = new Thread(() => Work(first));
                thread.IsBackground = true;
                thread.Start();
            }

            /// <summary>Runs one call after the other, as a new thread for each would cost more than most calls.</summary>
            private void Work(BoundedCall<T> call)
            {
                while (call != null)
                {
                    Action note = call.Run();
                    lock (monitor)
                    {
                        if (call.GivenUp)
                            return;  // too late: it is reported already, and another worker has taken this one's place
                        note();
                        running.Remove(call);
                        call = waiting.Count == 0 ? null : Next();
                        Monitor.Pulse(monitor);
                    }
                }
            }

            private BoundedCall<T> Next()
            {
                BoundedCall<T> next = waiting.Dequeue();
                running.Add(next);
                next.clock.Start();
                return next;
            }
        }
    }
}
