import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { fetchOf, listening } from '../../runner/vitest/app.js';

interface Tested {
  status: string;
  /** What the test says about itself when it did not simply pass. */
  text: string;
}

let tested: Map<string, Tested>;
let messages: string[];
let plain: string;

/** Runs the cases in a process of their own, as somebody's own tests would be. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'messages-conformance-vitest-'));
  const file = join(folder, 'results.json');
  const config = packageFile('tests', 'vitest', 'cases', 'vitest.config.ts');
  const args = [
    'run',
    '--config',
    config,
    '--reporter=json',
    `--outputFile=${file}`,
    '--reporter=verbose',
    '--no-color',
  ];
  plain = await new Promise((resolve) => {
    execFile(
      process.execPath,
      [packageFile('node_modules', 'vitest', 'vitest.mjs'), ...args],
      { cwd: packageFile(), env: { PATH: process.env.PATH, NO_COLOR: '1' }, maxBuffer: 1 << 26 },
      (_error, out, err) => resolve(out + err),
    );
  });
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: {
      message: string;
      assertionResults: { fullName: string; status: string; failureMessages: string[]; meta: object }[];
    }[];
  };
  rmSync(folder, { recursive: true });
  messages = testResults.map(({ message }) => message);
  tested = new Map(
    testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, status, failureMessages }) => [
        fullName,
        { status, text: failureMessages.join('\n') },
      ]),
    ),
  );
});

const of = (name: string): Tested =>
  tested.get(name) ?? { status: 'no such test', text: [...tested.keys()].join('\n') };

describe('conformance() in a test file', () => {
  it('fails the test of a requirement with the finding', () => {
    const { status, text } = of('as it is stream.order.message-stop-last');
    expect(status).toBe('failed');
    expect(text).toMatch(/message_stop/);
    expect(text).toMatch(/where +\S+.*\n +expected .*\n +actual .*\n/);
    expect(text).toMatch(/rule .*exactly one `message_stop`.*\(MUST\)/);
    expect(text).not.toMatch(/\n {4}at /);
  });

  it('passes what is satisfied', () => {
    expect(of('as it is resp.id')).toEqual({ status: 'passed', text: '' });
    expect(of('as it is enough was judged')).toEqual({ status: 'passed', text: '' });
  });

  it('shows a warning beside a test that passes; with strict it fails', () => {
    expect(of('as it is hdr.request-id.present').status).toBe('passed');
    expect(plain).toMatch(/hdr\.request-id\.present.*\n(.*\n){0,3}.*request-id/);
    expect(of('strict hdr.request-id.present').status).toBe('failed');
  });

  it('skips what was not judged, with the reason', () => {
    expect(of('as it is stream.http.chunked').status).toBe('skipped');
    expect(plain).toMatch(/stream\.http\.chunked.*Judged in process, without a socket/);
    expect(of('Messages API req.system.string').status).toBe('skipped');
    expect(plain).toMatch(/req\.system\.string.*inconclusive: /);
    expect(of('Messages API resp.id').status).toBe('passed');
  });

  it.each(['down', 'hangs up'])('is not green on a dead server: %s', (title) => {
    const { status, text } = of(`${title} enough was judged`);
    expect(status).toBe('failed');
    expect(text).toMatch(title === 'down' ? /503/ : /./);
    expect([...tested].filter(([name, { status }]) => name.startsWith(title) && status === 'passed')).toEqual([]);
  });

  it('skips a known failure with its reason, and fails on a line that does not fit any more', () => {
    expect(of('Messages API stream.order.message-stop-last').status).toBe('skipped');
    expect(plain).toMatch(/known failure: the proxy drops it, issue 12/);
    const [stale] = [...tested].filter(([name]) => name.includes('lists what still fails'));
    expect(stale?.[1]).toMatchObject({ status: 'failed', text: expect.stringContaining('resp.id is listed') });
  });

  it('judges nothing in place of a target that was forgotten', () => {
    expect(messages.join('\n')).toMatch(/neither app nor url says what to judge/);
  });
});

describe('an app', () => {
  const handler = () => new Response();
  it.each<[string, Parameters<typeof fetchOf>[0], boolean]>([
    ['a fetch handler', handler, true],
    ['an object with fetch', { fetch: handler }, true],
    ['a request listener', (_request, response) => void response.end(), false],
    ['an http.Server', createServer(), false],
  ])('%s is taken for what it is', (_what, app, isFetch) => {
    expect(fetchOf(app) !== null).toBe(isFetch);
  });

  it.each([[null], [5], [{}], ['http://localhost']])('%j is none', (app) => {
    expect(() => fetchOf(app as never)).toThrow(/app: expected a fetch handler/);
  });

  it('that listens is left to its owner, and one that does not is closed', async () => {
    const server = createServer((_request, response) => void response.end('here'));
    const ours = await listening(server);
    expect(await (await fetch(ours.url)).text()).toBe('here');
    const again = await listening(server);
    await again.close();
    expect(again.url).toBe(ours.url);
    expect(server.listening).toBe(true);
    await ours.close();
    expect(server.listening).toBe(false);
  });
});
afterAll(() => tested.clear());
