/**
 * Preloaded into a measured process. At its end it writes what the process used to the file that BENCH_USAGE_FILE names; a process that
 * goes on says it whenever its parent sends a message, with the heap and the buffers after a collection where the process runs with
 * --expose-gc.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

/** CPU time of all threads in milliseconds, peak memory in MiB. */
function usage() {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpu: (userCPUTime + systemCPUTime) / 1000, memory: (peak() ?? maxRSS) / 1024 };
}

/** Kilobytes where Linux says it: `maxRSS` begins with the peak of the process that started this one. */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return null;
  }
}

if (isMainThread && process.env.BENCH_USAGE_FILE !== undefined)
  process.on('exit', () => writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(usage())));

if (isMainThread && process.send !== undefined) {
  process.on('message', () => {
    global.gc?.();
    // What the first collection frees outside the heap is counted until the next one.
    setImmediate(() => {
      global.gc?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      process.send({ ...usage(), heap: (heapUsed + arrayBuffers) / 1024 / 1024 });
    });
  });
  process.channel.unref();
}
