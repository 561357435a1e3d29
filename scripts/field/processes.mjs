/** Processes of a measurement: started in a group of their own, waited for, ended by their own handle. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server may load models of tokens and migrations before it listens. */
const READY_MS = 180_000;
const GRACE_MS = 5_000;

// With handlers of `exit`, so that no server outlives a measurement that somebody stops.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** Starts a command; `log` gets what it prints. */
export function start([program, ...args], { cwd, env, log }) {
  const out = openSync(log, 'a');
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    // Straight to the file: a pipe that nobody reads while the suite runs would fill up, and stop the server.
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  const onExit = () => kill('SIGKILL');
  process.once('exit', onExit);
  return {
    ended,
    async stop() {
      kill('SIGTERM');
      await Promise.race([ended, sleep(GRACE_MS)]);
      kill('SIGKILL');
      process.off('exit', onExit);
    },
  };
}

/** Waits until an address answers with any status below 500. */
export async function ready(url, { ended }, log) {
  const until = Date.now() + READY_MS;
  let over = false;
  ended.then(() => {
    over = true;
  });
  while (Date.now() < until && !over) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (response !== null && response.status < 500) return;
    await sleep(300);
  }
  throw new Error(`${url} did not answer${over ? ': the process has ended' : ''}; see ${log}`);
}

/** Ports of this machine that nobody uses at the moment. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
