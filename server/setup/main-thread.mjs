// Longest tasks of a page's main thread while something happens, from Chromium's own trace. Thread time (what the task
// itself used) is
// told beside wall time: on a busy machine a task that waits for a core is long on the wall only.

/**
 * Runs `act` under a trace. @returns milliseconds, and how many tasks took over 50 ms of their thread's own time and of
 * the wall clock
 */
export async function traceMainThread(browser, page, act) {
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  // The page's renderer is the one whose main thread drew the most.
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const tasks = (main) =>
    traceEvents.filter(
      ({ name, ph, pid, tid, dur }) =>
        (name === 'RunTask' || name === 'ThreadControllerImpl::RunTask') &&
        ph === 'X' &&
        pid === main.pid &&
        tid === main.tid &&
        dur > 0,
    );
  const ours = mains.map(tasks).sort((a, b) => total(b) - total(a))[0] ?? [];
  const wall = ours.map(({ dur }) => dur / 1000);
  const thread = ours.map(({ tdur, dur }) => (tdur ?? dur) / 1000);
  const over = (list) => list.filter((ms) => ms > 50).length;
  return {
    tasks: ours.length,
    threadTimes: ours.some(({ tdur }) => tdur !== undefined),
    maxThreadMs: Math.max(0, ...thread),
    maxWallMs: Math.max(0, ...wall),
    overThread: over(thread),
    overWall: over(wall),
    busyMs: thread.reduce((a, b) => a + b, 0),
  };
}

const total = (list) => list.reduce((sum, { dur }) => sum + dur, 0);
