/** `clients`: real clients where they are on this machine; nothing is installed by a test. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import type { LaneReport } from '../../tap/lanes/run-lane.js';
import { command, scratch } from '../support/command.js';
import { cacheWithTypeScript } from './installed.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const KEY = 'sk-of-a-target-with-clients';
const environment = (cache: string) => ({ XDG_CACHE_HOME: cache, ANTHROPIC_API_KEY: KEY });

async function target(faults: string[] = []): Promise<string> {
  const endpoint = await startEndpoint({ apiKey: KEY, faults });
  closing.push(() => endpoint.close());
  return endpoint.url;
}

const CLIENTS = ['clients', '--model', 'reference-1', '--client'];

it('says that a client works when it gets what the bytes say', async () => {
  const cache = cacheWithTypeScript(closing);
  const { code, out } = await command([...CLIENTS, 'typescript', '--strict-clients', '--url', await target()], {
    env: environment(cache),
  });
  expect(out).toMatch(/TypeScript 1\.14\.0 {2}works \(6 of 6 probes\)/);
  expect(code).toBe(0);
});

it('calls no client working with a target that answers no plain request, and says why', async () => {
  const url = await target();
  for (const [asked, key, why] of [
    ['http://127.0.0.1:9', KEY, /cannot be reached/],
    [url, 'a-wrong-key', /rejects the key in ANTHROPIC_API_KEY/],
  ] as const) {
    const { code, out } = await command([...CLIENTS, 'curl', '--url', asked], { env: { ANTHROPIC_API_KEY: key } });
    expect(out).toMatch(why);
    expect(out).not.toMatch(/works/);
    expect(code).toBe(3);
  }
});

it('says what a client does not get, with the requirements that its traffic violates, and fails for it only when asked to', async () => {
  const cache = cacheWithTypeScript(closing);
  const url = await target(['message-stop-missing']);
  const file = join(cache, 'clients.json');
  const { code, out } = await command([...CLIENTS, 'typescript', '--url', url, '--out', file], {
    env: environment(cache),
  });
  expect(code).toBe(0);
  expect(out).toMatch(
    /works, except:\n {2}a stream: throws AnthropicError: .*\n {4}violated here: .*stream\.order\.message-stop-last/,
  );
  const { clients } = JSON.parse(readFileSync(file, 'utf8')) as { clients: LaneReport[] };
  expect(clients[0]!.probes.map(({ probe, result }) => [probe, result.kind])).toEqual([
    ['create', 'same'],
    ['stream', 'throws'],
    ['stream-tool', 'throws'],
    ['text-and-tools', 'throws'],
    ['tool-loop', 'same'],
    ['rejected', 'same'],
  ]);
  expect(readFileSync(file, 'utf8') + out).not.toContain(KEY);
  const strict = await command([...CLIENTS, 'typescript', '--url', url, '--strict-clients'], {
    env: environment(cache),
  });
  expect(strict.code).toBe(1);
});

it('skips a client that is not installed with the reason, and ends with status 2 when it is required', async () => {
  const made = scratch();
  closing.push(made.remove);
  const url = await target();
  const skipped = await command([...CLIENTS, 'ai-sdk', '--url', url], { env: environment(made.folder) });
  expect(skipped.out).toMatch(/AI SDK \S+ {2}skipped: ai \S+ is not installed; --install puts it into /);
  expect(skipped.code).toBe(3);
  const required = await command([...CLIENTS, 'ai-sdk', '--require-client', 'ai-sdk', '--url', url], {
    env: environment(made.folder),
  });
  expect(required.code).toBe(2);
  expect(required.err).toMatch(/--require-client ai-sdk: it did not run/);
});

it('sends the headers of the user, and says what is wrong with a line that is none', async () => {
  const cache = cacheWithTypeScript(closing);
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers['x-team']?.toString());
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const line = ['--client', 'typescript', '--header', 'x-team: team-of-the-lanes'];
  const { out, err } = await command(['clients', '--model', 'm', '--url', url, ...line], { env: environment(cache) });
  expect(new Set(seen)).toEqual(new Set(['team-of-the-lanes']));
  expect(err).toContain("use --header-env 'x-team: VARIABLE' instead");
  expect(out + err).not.toContain('team-of-the-lanes');
  const wrong = await command(['clients', '--client', 'typescript', '--header', 'x-team'], { env: environment(cache) });
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain("--header: expected 'name: value'");
});

it('names the clients that exist', async () => {
  const { code, err } = await command(['clients', '--client', 'typscript']);
  expect(code).toBe(2);
  expect(err).toMatch(/--client typscript: there is no such client; did you mean "typescript"\?/);
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.log('skipped: there is no curl here');
it.skipIf(!hasCurl)('runs curl where the machine has it, and tells its exit code', async () => {
  const made = scratch();
  closing.push(made.remove);
  const env = environment(made.folder);
  const fine = await command([...CLIENTS, 'curl', '--url', await target()], { env });
  expect(fine.out).toMatch(/curl {2}works \(5 of 6 probes\)/);
  const cut = await command([...CLIENTS, 'curl', '--url', await target(['stream-reset'])], { env });
  expect(cut.out).toMatch(/a stream: throws curl (18|52|56)/);
});
