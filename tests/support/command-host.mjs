/**
 * Runs the built command as often as it is asked to, one at a time, each as a process of its own would: with these arguments, this folder,
 * this environment, and what it prints caught. Its modules stay loaded, which is most of what a short command costs. Ends with its parent.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';

const [, , cli] = process.argv;
// The entry loads the command once; with a name of its own it is run again.
const entry = new URL(/import\("([^"]+)"\)/.exec(readFileSync(cli, 'utf8'))[1], `file://${cli}`);
const EVENTS = ['uncaughtException', 'unhandledRejection', 'exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
const endProcess = process.exit.bind(process);
process.on('disconnect', () => endProcess(0));
// Settings of V8 for commands of a second, and collections of all that is left: not in a process of minutes.
v8.setFlagsFromString = () => {};
const { runInNewContext } = vm;
vm.runInNewContext = (code, ...rest) => (code === 'gc' ? () => {} : runInNewContext(code, ...rest));
syncBuiltinESMExports();
// Each command listens for them anew.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);

let calls = 0;
let queue = Promise.resolve();
process.on('message', (asked) => {
  queue = queue.then(() => carryOut(asked)).then((outcome) => process.send(outcome));
});

async function carryOut({ args, cwd, env }) {
  calls += 1;
  const before = EVENTS.map((name) => [name, process.listeners(name)]);
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, cli, ...args];
  process.exitCode = undefined;
  let [out, err] = ['', ''];
  const catching = (keep) => (piece, coding, done) => {
    keep(typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8'));
    const wrote = typeof coding === 'function' ? coding : done;
    if (wrote) queueMicrotask(wrote);
    return true;
  };
  process.stdout.write = catching((text) => (out += text));
  process.stderr.write = catching((text) => (err += text));
  const exited = new Promise((resolve) => {
    process.exit = (code = process.exitCode) => {
      process.exitCode = code;
      resolve();
    };
  });
  try {
    await Promise.race([import(`${entry.href}?${calls}`), exited]);
  } catch (error) {
    err += error.stack;
    process.exitCode = 1;
  } finally {
    for (const [name, listeners] of before)
      for (const listener of process.listeners(name)) {
        if (listeners.includes(listener)) continue;
        if (name === 'exit') listener.call(process, process.exitCode ?? 0);
        process.off(name, listener);
      }
  }
  return { code: Number(process.exitCode ?? 0), out, err };
}
