// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32.SafeHandles;
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls
{
    /// <summary>The threads that calls run on. Virtual, so that tests can look on.</summary>
    public class ThreadApi
    {
        /// <summary>The calling thread, for <see cref="CancelIo"/>.</summary>
        public virtual IDisposable Current()
        {
            return NativeMethods.OpenThread(NativeMethods.THREAD_TERMINATE, false, NativeMethods.GetCurrentThreadId());
        }

        /// <summary>
        /// CancelSynchronousIo: a thread that waits for the network in the kernel returns from that. Otherwise it could keep the
        /// process from ending ("TerminateProcess"). A driver may ignore it, and a thread that waits elsewhere does not notice.
        /// </summary>
        public virtual void CancelIo(IDisposable thread)
        {
            NativeMethods.CancelSynchronousIo((SafeWaitHandle)thread);
        }

        private static class NativeMethods
        {
            public const int THREAD_TERMINATE = 1;  // what CancelSynchronousIo asks for

            [DllImport("kernel32.dll")]
            public static extern int GetCurrentThreadId();

            [DllImport("kernel32.dll", SetLastError = true)]
            public static extern SafeWaitHandle OpenThread(int dwDesiredAccess, [MarshalAs(UnmanagedType.Bool)] bool bInheritHandle, int dwThreadId);

            [DllImport("kernel32.dll", SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool CancelSynchronousIo(SafeWaitHandle hThread);
        }
    }

    /// <summary>A call into Windows that may hang, on a worker thread, which impersonation never leaves.</summary>
    public sealed class BoundedCall<T>
    {
        /// <summary>As many as this wait for a server at a time; more would be a burst on one that is alive.</summary>
        public const int AtATime = 8;

        private readonly Func<T> work;
        private readonly Stopwatch clock = new Stopwatch();
        private Exception exception;
        private IDisposable thread;  // null until a worker has begun

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
        /// <param name="timeout">How long one call may take.</param>
        /// <param name="threads">
        /// What cancels a call that is given up, as far as that goes; null for calls that don't wait in the kernel. It is then left alone, and
        /// ends with the process at the latest.
        /// </param>
        public static void RunAll(IEnumerable<BoundedCall<T>> calls, TimeSpan timeout, ThreadApi threads = null)
        {
            new Batch(calls, threads).Run(timeout);
        }

        /// <summary>The same with one limit for all: what has not come back by then is given up, and what has not begun is not started.</summary>
        public static void RunAllWithin(IEnumerable<BoundedCall<T>> calls, TimeSpan limit, ThreadApi threads = null)
        {
            List<BoundedCall<T>> all = calls.ToList();
            foreach (BoundedCall<T> call in all)
                call.clock.Start();
            RunAll(all, limit, threads);
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

            private readonly ThreadApi threads;

            public Batch(IEnumerable<BoundedCall<T>> calls, ThreadApi threads)
            {
                waiting = new Queue<BoundedCall<T>>(calls);
                this.threads = threads;
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
                        foreach (BoundedCall<T> call in running.Where(call => call.clock.Elapsed >= timeout))
                            GiveUp(call);
                        running.RemoveAll(call => call.GivenUp);
                        while (waiting.Count > 0 && waiting.Peek().clock.Elapsed >= timeout)
                            GiveUp(waiting.Dequeue());
                    }
                }
            }

            private void GiveUp(BoundedCall<T> call)
            {
                call.GivenUp = true;
                if (call.thread != null)
                    threads.CancelIo(call.thread);
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
                using (IDisposable self = threads == null ? null : threads.Current())
                    while (call != null)
                    {
                        lock (monitor)
                            call.thread = self;
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
