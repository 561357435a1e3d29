import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { loadLanes } from '../../tap/lanes/lanes.js';
import { scratch } from '../support/command.js';

const running: { kill: () => void }[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.kill();
});

/** Starts `serve` on a free port; `output` is what it has printed so far. */
async function serve(...args: string[]): Promise<{ url: string; output: () => string }> {
  const child = spawn(process.execPath, [packageFile('dist/runner/cli.js'), 'serve', '--port', '0', ...args]);
  running.push({ kill: () => child.kill() });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  while (!/listens on (\S+)/.test(output)) await once(child.stdout, 'data');
  return { url: /listens on (\S+)/.exec(output)![1]!, output: () => output };
}

const ask = (url: string, change: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify({ max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }], ...change }),
  });
const errorOf = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message;

/** The examples of https://relax.ai/docs/endpoints/anthropic/create: only base URL and key are others. */
const QUESTION = 'What is the capital of the UK?';
const BODY = { model: 'GPT-OSS-120b', max_tokens: 1024, messages: [{ role: 'user' as const, content: QUESTION }] };
const PYTHON = (url: string): string => `
from anthropic import Anthropic
client = Anthropic(api_key='k', base_url='${url}/v1/')
message = client.messages.create(model="GPT-OSS-120b", max_tokens=1024, messages=[{"role": "user", "content": "${QUESTION}"}])
print(message.content)
`;

/** Whether the package is there: importing it takes two seconds. */
const FINDS = "import importlib.util as u, sys; sys.exit(u.find_spec('anthropic') is None)";

/** The package that `clients --install` puts into the cache of this user. */
const pythonOfTheLane = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'messages-conformance/clients',
  `python-${loadLanes().find(({ id }) => id === 'python')!.version}`,
  'bin/python',
);

/** The example in Go, which compiles with major version 1 of the client only. */
const GO_EXAMPLE = packageFile('tests', 'cli', 'relax-go');
const ADDRESS = '"https://api.relax.ai/v1/"';
const OFFLINE = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-mod=readonly' };

/** Why the example in Go is not run: nothing is downloaded for it, and the first compilation of its client takes minutes. */
function goIsMissing(): string | null {
  const options = { cwd: GO_EXAMPLE, encoding: 'utf8', env: { ...process.env, ...OFFLINE } } as const;
  if (spawnSync('go', ['version'], options).status !== 0) return 'go is not found';
  const { status, stdout } = spawnSync(
    'go',
    ['list', '-f', '{{.Stale}}', 'github.com/anthropics/anthropic-sdk-go'],
    options,
  );
  if (status === 0 && stdout.trim() === 'false') return null;
  return 'its client is not compiled here; `go build` in tests/cli/relax-go does it';
}

describe('the examples of the document behind the contract relax-ai', () => {
  let url: string;
  let output: () => string;
  let end: () => void;
  beforeAll(async () => {
    ({ url, output } = await serve('--contract', 'relax-ai'));
    end = running.pop()!.kill;
  });
  afterAll(() => end());

  it('run with curl', async () => {
    const headers = ['Content-Type: application/json', 'x-api-key: k', 'anthropic-version: 2023-06-01'];
    const args = headers.flatMap((header) => ['-H', header]);
    const { stdout } = await promisify(execFile)('curl', [
      '-s',
      '--noproxy',
      '*',
      `${url}/v1/messages`,
      ...args,
      '-d',
      JSON.stringify(BODY),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'message', model: 'GPT-OSS-120b', stop_reason: 'end_turn' });
  });

  it('run with the TypeScript client, whose base URL ends in /v1/', async () => {
    const before = output().length;
    const client = new Anthropic({ apiKey: 'k', baseURL: `${url}/v1/`, maxRetries: 0 });
    const message = await client.messages.create(BODY);
    expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/\S/) });
    await expect.poll(() => output().slice(before)).toContain('200 POST /v1/v1/messages');
  });

  it('run with a client that only joins that base URL and its path', async () => {
    expect(output()).toContain('the same below /v1/v1 and /v1//v1');
    const headers = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
    const { status } = await fetch(`${url}/v1//v1/messages`, { method: 'POST', headers, body: JSON.stringify(BODY) });
    expect(status).toBe(200);
  });

  const python = ['python3', pythonOfTheLane].find((one) => spawnSync(one, ['-c', FINDS]).status === 0);
  if (python === undefined)
    console.log('Skipped, tests/cli/serve.test.ts: python3 with the package anthropic was not found');
  it.skipIf(python === undefined)('run with the Python client', async () => {
    const env = { ...process.env, NO_PROXY: '*', no_proxy: '*' };
    const { stdout } = await promisify(execFile)(python!, ['-c', PYTHON(url)], { env });
    expect(stdout).toContain('TextBlock');
  });

  const whyNoGo = goIsMissing();
  if (whyNoGo !== null) console.log(`Skipped, tests/cli/serve.test.ts, the example in Go: ${whyNoGo}`);
  it.skipIf(whyNoGo !== null)('run with the Go client', { timeout: 120_000 }, async () => {
    const { folder, remove } = scratch();
    const before = output().length;
    try {
      const program = join(GO_EXAMPLE, 'main.go');
      const text = readFileSync(program, 'utf8');
      expect(text).toContain(ADDRESS);
      // The address comes by a variable: what Go linked once, it runs again.
      const changed = text.replace('import (', 'import (\n\t"os"').replace(ADDRESS, 'os.Getenv("BASE_URL")');
      const [copy, overlay] = [join(folder, 'main.go'), join(folder, 'overlay.json')];
      writeFileSync(copy, changed);
      writeFileSync(overlay, JSON.stringify({ Replace: { [program]: copy } }));
      const env = { ...process.env, ...OFFLINE, NO_PROXY: '*', no_proxy: '*', BASE_URL: `${url}/v1/` };
      const { stdout } = await promisify(execFile)('go', ['run', '-overlay', overlay, '.'], { cwd: GO_EXAMPLE, env });
      expect(stdout).toMatch(/Type:text/);
      await expect.poll(() => output().slice(before)).toContain('200 POST /v1/v1/messages');
    } finally {
      remove();
    }
  });
});

describe('serve', () => {
  it('prints its models and paths, and each request with what is wrong with it', async () => {
    const { url, output } = await serve('--model', 'one', '--model', 'two');
    expect((await ask(url, { model: 'two' })).status).toBe(200);
    expect((await ask(url, { model: 'three' })).status).toBe(404);
    await expect.poll(output).toContain('200 POST /v1/messages\n404 POST /v1/messages  not_found_error: ');
    expect(output()).toMatch(/models {3}one, two, .*\npaths {4}POST \/v1\/messages\n/);
  });

  it('takes any model and answers by its name, and prints one line when it is to be quiet', async () => {
    const { url, output } = await serve('--any-model', '--quiet');
    expect(await (await ask(url, { model: 'any/thing:1' })).json()).toMatchObject({ model: 'any/thing:1' });
    expect(output().trim().split('\n')).toHaveLength(1);
  });

  it('says at its address what it is', async () => {
    const { url } = await serve();
    expect(await (await fetch(url)).json()).toMatchObject({ server: expect.stringContaining('reference endpoint') });
  });

  it('has a fault for every request, and says what is there', async () => {
    const { url, output } = await serve('--fault', 'message-stop-missing');
    const answered = await ask(url, { model: 'claude-sonnet-5', stream: true });
    expect(await answered.text()).not.toContain('event: message_stop');
    await vi.waitFor(() => expect(output()).toContain('POST /v1/messages/count_tokens'), 5_000);
    expect(output()).toContain('with message-stop-missing');
  });

  it('has a fault for one request, named by a header or by the path', async () => {
    const { url } = await serve('--model', 'm');
    const request = { model: 'm', stream: true };
    const text = async (response: Promise<Response>) => (await response).text();
    expect(await text(ask(url, request))).toContain('event: message_stop');
    expect(await text(ask(url, request, { 'x-fault': 'message-stop-missing' }))).not.toContain('event: message_stop');
    expect(await text(ask(`${url}/fault/message-stop-missing`, request))).not.toContain('event: message_stop');
    expect(await text(ask(url, request))).toContain('event: message_stop');
    const unknown = await ask(url, request, { 'x-fault': 'message-stop-mising' });
    expect([unknown.status, await errorOf(unknown)]).toEqual([400, expect.stringContaining('message-stop-missing')]);
    const connection = await ask(url, request, { 'x-fault': 'rejected-body-unread' });
    expect([connection.status, await errorOf(connection)]).toEqual([
      400,
      expect.stringContaining('serve --fault rejected-body-unread'),
    ]);
  });

  it('answers as a conformant variant, by its earlier option name too, and names one that does not exist', async () => {
    for (const option of ['--variant', '--oddity']) {
      const { url } = await serve(option, 'lines-end-in-crlf', '--model', 'm');
      expect(await (await ask(url, { model: 'm', stream: true })).text()).toContain('\r\n');
    }
    const wrong = spawnSync(process.execPath, [
      packageFile('dist/runner/cli.js'),
      'serve',
      '--variant',
      'lines-end-in-crlff',
    ]);
    expect([wrong.status, String(wrong.stderr)]).toEqual([2, expect.stringContaining('there is no such variant')]);
  });
});
