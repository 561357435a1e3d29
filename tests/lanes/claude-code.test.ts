/** The lane of Claude Code: what it runs, what it makes of the output, and a whole session through the tap where it is installed. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../reference/serve.js';
import { chooseLanes } from '../../runner/cli/choose-lanes.js';
import { binaryIn, codeOutput, outcomeOf } from '../../tap/lanes/claude-code.js';
import { prepare } from '../../tap/lanes/prepare.js';
import { command, scratch } from '../support/command.js';
import { relay } from '../support/relay.js';
import { tapCommand } from '../support/tap-command.js';
import { isInstalled, laneOf } from './installed.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function folder(): string {
  const made = scratch();
  closing.push(made.remove);
  return made.folder;
}

const KEY = 'sk-of-a-target-with-clients';
const LANE = laneOf('claude-code');

async function target(faults: string[] = []): Promise<string> {
  const endpoint = await startEndpoint({ apiKey: KEY, faults });
  closing.push(() => endpoint.close());
  return endpoint.url;
}

/** A cache as `--install` leaves it, with a program in place of the native binary, or without any. */
function cacheWith(program: string | null): string {
  const cache = folder();
  const own = join(cache, 'messages-conformance', 'clients', `claude-code-${LANE.version}`);
  const platform = join(own, 'node_modules', '@anthropic-ai', 'claude-code-any-platform');
  mkdirSync(platform, { recursive: true });
  writeFileSync(join(own, '.ready'), '');
  if (program !== null) {
    writeFileSync(join(platform, 'claude'), `#!${process.execPath}\n${program}`);
    chmodSync(join(platform, 'claude'), 0o755);
  }
  return cache;
}

const run = (cache: string, url: string, ...args: string[]) =>
  command(['clients', '--client', 'claude-code', '--url', url, '--model', 'reference-1', ...args], {
    env: { XDG_CACHE_HOME: cache, HOME: cache, ANTHROPIC_API_KEY: KEY, OTHER_SETTING: 'of the user' },
  });

/** Asks with and without `stream`, as the client does after a stream that it cannot read, and prints its environment as the reply. */
const FALLS_BACK = `import { existsSync, writeFileSync } from 'node:fs';
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
const model = process.argv[process.argv.indexOf('--model') + 1];
const ask = (stream) => fetch(url + '/v1/messages', {
  method: 'POST',
  headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
  body: JSON.stringify({ model, max_tokens: 64, stream, messages: [{ role: 'user', content: 'Say hello.' }] }),
});
await (await ask(true)).text();
const reply = await (await ask(false)).json();
console.log(JSON.stringify({ type: 'assistant', message: reply }));
console.log(JSON.stringify({ type: 'result', subtype: 'success', is_error: false, stop_reason: reply.stop_reason, usage: reply.usage }));
writeFileSync(process.env.HOME + '/../../seen.json', JSON.stringify({
  names: Object.keys(process.env).sort(), notes: existsSync('notes.txt'), home: process.env.HOME,
  turns: process.argv[process.argv.indexOf('--max-turns') + 1],
}));
`;

describe('Claude Code', () => {
  it('runs only where it is named', () => {
    expect(chooseLanes(null, []).map(({ id }) => id)).not.toContain('claude-code');
    expect(chooseLanes(['claude-code'], []).map(({ id }) => id)).toEqual(['claude-code']);
    expect(chooseLanes([], ['claude-code']).map(({ id }) => id)).toEqual(['claude-code']);
  });

  it('is skipped with the reason where it is not installed, and where its package brought no binary for this platform', async () => {
    const url = await target();
    expect((await run(folder(), url)).out).toMatch(
      /Claude Code \S+ {2}skipped: @anthropic-ai\/claude-code \S+ is not installed; --install puts it into /,
    );
    expect((await run(cacheWith(null), url)).out).toMatch(/skipped: its package brought no binary for \w+ \w+ into /);
    expect(binaryIn(folder())).toBeNull();
  });

  it('has a home, a working folder and an environment of its own, a bound of turns, and its fallback is told', async () => {
    const cache = cacheWith(FALLS_BACK);
    const own = join(cache, 'messages-conformance', 'clients', `claude-code-${LANE.version}`);
    writeFileSync(join(own, 'package.json'), '{"type":"module"}');
    const { out, code } = await run(cache, await target(), '--strict-clients');
    expect(out).toMatch(/a stream: sends the request again without stream/);
    expect(code).toBe(1);
    const seen = JSON.parse(readFileSync(join(own, 'seen.json'), 'utf8')) as {
      names: string[];
      notes: boolean;
      home: string;
      turns: string;
    };
    expect(seen.names).toEqual([
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_BASE_URL',
      'API_TIMEOUT_MS',
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
      'CLAUDE_CODE_MAX_RETRIES',
      'CLAUDE_CONFIG_DIR',
      'DISABLE_AUTOUPDATER',
      'DISABLE_ERROR_REPORTING',
      'DISABLE_TELEMETRY',
      'HOME',
      'PATH',
    ]);
    expect(seen.notes).toBe(true);
    expect(seen.home.startsWith(own)).toBe(true);
    expect(Number(seen.turns)).toBeLessThanOrEqual(3);
  });
});

describe('the output of a session', () => {
  const usage = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 5 };
  const block = (id: string, content: unknown) => ({ type: 'assistant', message: { id, content: [content] } as never });
  const result = (parts: object = {}) => ({
    type: 'result',
    subtype: 'success',
    is_error: false,
    stop_reason: 'end_turn',
    usage: usage as never,
    ...parts,
  });

  it('is the last reply, put together from its blocks', () => {
    const events = [
      block('msg_1', { type: 'tool_use', id: 't', name: 'Read', input: { file_path: 'a' } }),
      block('msg_2', { type: 'thinking', thinking: 'hm' }),
      block('msg_2', { type: 'text', text: 'It says 42.' }),
      result(),
    ];
    const message = { text: 'It says 42.', tools: [], stop: 'end_turn' };
    expect(outcomeOf('tool-loop', events)).toEqual({ probe: 'tool-loop', message });
    expect(outcomeOf('stream', events)?.message).toEqual({ ...message, inputTokens: 7, outputTokens: 5 });
  });

  it('counts the bound of turns as the end of a session, any other error as one, and no result as none', () => {
    const call = block('msg_1', { type: 'tool_use', id: 't', name: 'Read', input: { file_path: 'a' } });
    const bounded = result({ subtype: 'error_max_turns', is_error: true, stop_reason: 'tool_use' });
    expect(outcomeOf('stream-tool', [call, bounded])?.message).toMatchObject({
      tools: [{ name: 'Read', input: { file_path: 'a' } }],
      stop: 'tool_use',
    });
    const refused = result({ is_error: true, result: 'no such model', api_error_status: 404 });
    expect(outcomeOf('rejected', [refused])).toEqual({
      probe: 'rejected',
      error: { class: 'API Error', message: 'no such model', status: 404 },
    });
    expect(outcomeOf('stream', [call])).toBeNull();
  });
});

describe.skipIf(!isInstalled('claude-code'))('Claude Code itself', () => {
  it('works with the reference endpoint in every session', async () => {
    const { out, code } = await command(
      ['clients', '--client', 'claude-code', '--model', 'reference-1', '--strict-clients'],
      { env: { HOME: process.env.HOME ?? '', XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? '' } },
    );
    expect(out).toMatch(/Claude Code 2\.1\.197 {2}works \(4 of 6 probes\)/);
    expect(code).toBe(0);
  });

  it('sends a tool loop through the tap, which passes every byte on and judges it', async () => {
    const behind = await relay(await target());
    closing.push(() => behind.close());
    const cwd = folder();
    const tap = await tapCommand(['--upstream', behind.url, '--out', 'traffic.ndjson'], cwd);
    const before = await relay(tap.url);
    closing.push(() => before.close());
    const ready = await prepare(LANE, false);
    if ('reason' in ready) throw new Error(ready.reason);
    const probes = [{ name: 'tool-loop' as const, url: before.url }];
    const { lines } = await codeOutput(
      LANE,
      ready,
      { model: 'reference-1', apiKey: KEY, headers: { 'x-team': 'of-a-team' }, probes },
      60_000,
    );
    expect(lines[0]?.message?.text).toContain('21 degrees and sunny');
    await tap.until(/^#3 /m);
    const { code, out } = await tap.interrupt();
    expect(code).toBe(0);
    expect(out.match(/^#\d+ \d+ \S+ \S+/gm)).toEqual([
      '#1 200 HEAD /',
      '#2 200 POST /v1/messages?beta=true',
      '#3 200 POST /v1/messages?beta=true',
    ]);
    expect(out).toMatch(/^PASSED/m);
    const withoutHost = (text: string) => text.replace(/127\.0\.0\.1:\d+/g, 'host');
    expect(before.bytes.received).toBe(behind.bytes.received);
    expect(withoutHost(before.bytes.sent)).toBe(withoutHost(behind.bytes.sent));
    expect(before.bytes.sent.match(/^x-team: of-a-team\r$/gim)).toHaveLength(2);
    expect(before.bytes.sent.length).toBeGreaterThan(10_000);
  });
});
