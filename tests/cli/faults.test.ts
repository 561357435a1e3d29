/** Status 1 means that a requirement failed: whatever goes wrong in the suite itself is another one, and one line. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, scratch } from '../support/command.js';
import { httpServer, json, reply, type TestServer } from '../support/http-server.js';

const { folder, remove } = scratch();
let server: TestServer;
beforeAll(async () => {
  server = await httpServer((_request, response) => json(response, 200, reply('ok')));
});
afterAll(async () => {
  await server.close();
  remove();
});

/** Runs the command with something broken in its process. */
function broken(name: string, script: string, args: readonly string[]) {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, script);
  return command(args, {
    cwd: folder,
    env: { NODE_OPTIONS: `--require ${file}`, ANTHROPIC_API_KEY: 'key-of-the-target-9876' },
  });
}

const RUN = ['run', '--quiet', '--only', 'http.post.messages', '--out', 'out'];
const TEXT = 'a broken part\\n::error::red \\u001b[31m key-of-the-target-9876';
/** Does this when the run listens for signals: it has begun then. */
const later = (what: string): string =>
  `const on = process.on; process.on = function (name, ...rest) { if (name === 'SIGHUP') setImmediate(() => { ${what} }); return on.call(this, name, ...rest); };`;

describe('an error that nobody foresaw', () => {
  it.each([
    ['in a callback', later(`throw new Error('${TEXT}')`), RUN],
    ['in a promise', later(`Promise.reject(new Error('${TEXT}'))`), RUN],
    ['that is no Error', later(`throw '${TEXT}'`), RUN],
    ['in the command itself', `JSON.parse = () => { throw new TypeError('a broken part\\n::error::red') };`, RUN],
    ['in another command', `String.prototype.padEnd = () => { throw new TypeError('x') };`, ['list']],
    ['of a promise that nobody settles', `Promise.all = () => new Promise(() => {});`, RUN],
  ])('%s ends with 3 and one line that says how to report it', async (name, script, args) => {
    const target = args === RUN ? [...RUN, '--url', server.url, '--model', 'm'] : args;
    const { code, err } = await broken(name.replaceAll(' ', '-'), script, target);
    const lines = err
      .trim()
      .split('\n')
      .filter((line) => !line.includes('goes to') && !line.startsWith('Warning'));
    expect({ code, lines: lines.length }, err).toEqual({ code: 3, lines: 1 });
    expect(lines[0]).toContain('has an internal error, so nothing was judged');
    expect(lines[0]).toContain('Please report this line');
    expect(err).not.toMatch(/^\s*::|key-of-the-target/m);
    expect(err).not.toContain('\u001b');
  });
});
