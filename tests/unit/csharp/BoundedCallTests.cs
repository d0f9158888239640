// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using Xunit;

namespace Netdrive.Tests;

public sealed class BoundedCallTests
{
    private readonly FakeThreads threads = new();

    [Fact]
    public void The_place_of_a_call_that_was_given_up_is_taken_by_one_other_and_not_given_back()
    {
        int running = 0, most = 0;
        var monitor = new object();
        var late = new BoundedCall<string>(() =>
        {
            Thread.Sleep(1500);
            return "late";
        });
        var others = Enumerable.Range(0, 700).Select(_ => new BoundedCall<string>(() =>
        {
            lock (monitor)
                most = Math.Max(most, ++running);
            Thread.Sleep(20);
            lock (monitor)
                running--;
            return "in time";
        })).ToList();

        BoundedCall<string>.RunAll(others.Prepend(late), TimeSpan.FromSeconds(1), threads);

        Assert.Equal("ERROR_TIMEOUT", late.Error.ToResult()["name"]);
        Assert.Null(late.Result);
        Assert.All(others, call => Assert.Equal("in time", call.Result));
        Assert.Equal(BoundedCall<string>.AtATime, most);
    }

    [Fact]
    public void The_thread_of_a_call_that_is_given_up_has_its_input_and_output_cancelled_and_no_other()
    {
        using var answer = new ManualResetEventSlim();
        int stuck = 0;
        var late = new BoundedCall<int>(() =>
        {
            stuck = Environment.CurrentManagedThreadId;
            answer.Wait();
            return 1;
        });
        var others = Enumerable.Range(0, 20).Select(number => new BoundedCall<int>(() => number)).ToList();

        BoundedCall<int>.RunAll(others.Prepend(late), TimeSpan.FromSeconds(1), threads);
        answer.Set();

        Assert.Equal([stuck], threads.Cancelled);
    }

    [Fact]
    public void A_call_that_throws_ends_neither_its_worker_nor_the_others()
    {
        var calls = Enumerable.Range(0, 20).Select(number => new BoundedCall<int>(
            () => number % 2 == 0 ? number : throw new UnauthorizedAccessException())).ToList();

        BoundedCall<int>.RunAll(calls, TimeSpan.FromSeconds(5), threads);

        Assert.All(calls.Where((_, number) => number % 2 == 1), call => Assert.Equal("ERROR_ACCESS_DENIED", call.Error.ToResult()["name"]));
        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14, 16, 18], calls.Where((_, number) => number % 2 == 0).Select(call => call.Result));
    }
}
