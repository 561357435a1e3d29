import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningEndpoint, startEndpoint } from '../../reference/serve.js';
import { shardOf } from '../../runner/cli/fleet.js';
import { command, scratch } from '../support/command.js';

const KEY = 'the-key-of-the-good-target';
const { folder, remove } = scratch();
let good: RunningEndpoint;
let bad: RunningEndpoint;
/** Which credentials a target got that names none. */
const received: (string | undefined)[] = [];
const curious = createServer((request, response) => {
  received.push(request.headers['x-api-key'] as string | undefined, request.headers.authorization);
  response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here');
});

beforeAll(async () => {
  good = await startEndpoint({ apiKey: KEY });
  bad = await startEndpoint({ faults: ['message-stop-missing'] });
  await new Promise<void>((resolve) => curious.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await Promise.all([good.close(), bad.close()]);
  curious.close();
  remove();
});

let number = 0;
function fleet(...targets: object[]): string {
  number += 1;
  const file = join(folder, `fleet-${number}.json`);
  writeFileSync(file, JSON.stringify({ targets }));
  return file;
}
const read = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
const run = (file: string, ...args: string[]) =>
  command(['run', '--targets', file, '--only', 'stream.order', ...args], {
    cwd: folder,
    env: { KEY_OF_GOOD: KEY, ANTHROPIC_API_KEY: 'a-key-that-is-there-anyway', OTHER: 'any-key' },
  });
const GOOD = () => ({ name: 'good', url: good.url, model: 'reference-1', apiKeyEnv: 'KEY_OF_GOOD' });
const BAD = () => ({ name: 'bad', url: bad.url, model: 'reference-1', apiKeyEnv: 'OTHER' });

describe('run --targets', () => {
  it('judges each target with its own settings, and ends with the worst status', async () => {
    const { code, out, err } = await run(fleet(GOOD(), BAD()), '--parallel', '2');
    expect(code).toBe(1);
    expect(out).toMatch(/^PASSED +good .*\nFAILED +bad .*1 failed.*\n.*matrix\.html\n$/);
    expect(err).toMatch(/KEY_OF_GOOD goes to http.*fleet-\d+\.json/);
    const summary = read('conformance-fleet', 'summary.json');
    expect(summary).toMatchObject({
      status: 1,
      targets: [
        { name: 'good', status: 0, outcome: 'passed', fail: 0 },
        { name: 'bad', status: 1, outcome: 'failed', fail: 1 },
      ],
    });
    for (const { report } of summary.targets) expect(read(report).format).toBeGreaterThan(0);
    const matrix = readFileSync(join(folder, 'conformance-fleet', 'matrix.html'), 'utf8');
    expect(matrix).toContain('stream.order.message-stop-last');
    expect(matrix).toContain('bad/index.html');
    expect(out + err + matrix + JSON.stringify(summary)).not.toContain(KEY);
  });

  it('counts a target that cannot be judged as worse than one that fails', async () => {
    const down = { name: 'down', url: 'http://127.0.0.1:9', model: 'm' };
    const { code, out } = await run(fleet(BAD(), down), '--out', 'with-down');
    expect([code, out]).toEqual([3, expect.stringMatching(/NOT JUDGED +down .*cannot be reached/)]);
  });

  it('sends no key to a target that names none', async () => {
    const { port } = curious.address() as AddressInfo;
    await run(fleet({ name: 'curious', url: `http://127.0.0.1:${port}`, model: 'm' }), '--out', 'curious');
    expect(received.length).toBeGreaterThan(0);
    expect(received.filter((value) => value?.includes('a-key-that-is-there-anyway'))).toEqual([]);
  });

  it('judges a part of the targets, and says so when there is nothing in it', async () => {
    const file = fleet(GOOD(), BAD());
    const second = await run(file, '--shard', '2/2', '--out', 'second');
    expect(second.code).toBe(1);
    expect([existsSync(join(folder, 'second', 'bad')), existsSync(join(folder, 'second', 'good'))]).toEqual([
      true,
      false,
    ]);
    const none = await run(file, '--shard', '3/3', '--out', 'none');
    expect([none.code, none.err]).toEqual([0, expect.stringContaining('no target of')]);
  });

  it('prints what it would send, and sends nothing', async () => {
    const { code, out } = await run(fleet(GOOD(), BAD()), '--dry-run', '--out', 'dry');
    expect(code).toBe(0);
    expect(out).toMatch(/^good\n[\s\S]*\nbad\n/);
    expect(existsSync(join(folder, 'dry'))).toBe(false);
  });

  it.each<[string, () => object[], string[], RegExp]>([
    ['two of one name', () => [GOOD(), { ...BAD(), name: 'Good' }], [], /two targets are called Good/],
    ['a name that leaves the folder', () => [{ ...GOOD(), name: '../up' }], [], /\/targets\/0\/name/],
    ['an unknown setting', () => [{ ...GOOD(), apiKey: 'x' }], [], /apiKey/],
    ['a key that is not set', () => [{ ...GOOD(), apiKeyEnv: 'UNSET' }], [], /target good: .*UNSET.*is not set/],
    ['an unknown profile', () => [{ ...GOOD(), profile: ['cores'] }], [], /target good: .*cores/],
    ['one address more', () => [GOOD()], ['--url', 'http://localhost'], /--targets and --url/],
    ['a part that is not there', () => [GOOD()], ['--shard', '3/2'], /--shard 3\/2: expected I\/N/],
  ])('rejects %s before anything is sent', async (_what, targets, args, message) => {
    const { code, err } = await run(fleet(...targets()), ...args, '--out', 'rejected');
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync(join(folder, 'rejected'))).toBe(false);
  });

  it('needs the file for --shard', async () => {
    const { code, err } = await command(['run', '--shard', '1/2'], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringContaining('--shard needs --targets FILE')]);
  });
});

describe('parts', () => {
  it('are disjoint and together everything', () => {
    const targets = Array.from({ length: 23 }, (_, index) => index);
    const parts = Array.from({ length: 5 }, (_, index) => shardOf(targets, `${index + 1}/5`));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(targets);
    expect(Math.max(...parts.map(({ length }) => length)) - Math.min(...parts.map(({ length }) => length))).toBe(1);
  });
});
