import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';
import { command, scratch } from '../support/command.js';

const { folder, remove } = scratch();
afterAll(remove);
const gateway = (...args: string[]) => command(['gateway', ...args], { cwd: folder });

describe('messages-conformance gateway', () => {
  it('judges the embedded gateway and writes its reports into a folder of their own', async () => {
    const { code, out, err } = await gateway('--only', 'gw.request.arrives,gw.request.text.string');
    expect(err).toMatch(/^\d+ requests planned$/m);
    expect(out).toMatch(/PASSED {2}2 passed/);
    expect(code).toBe(0);
    for (const file of ['report.json', 'index.html', 'junit.xml'])
      expect(existsSync(join(folder, 'gateway-report', file)), file).toBe(true);
    const again = await command(['judge', join(folder, 'gateway-report', 'report.json')], { cwd: folder });
    expect(again.out).toMatch(/2 passed/);
    expect(again.code).toBe(0);
  });

  it('announces as many requests as it sends, parallel ones too', async () => {
    const only = ['--only', 'gw.ops.parallel'];
    expect((await gateway(...only, '--dry-run')).out).toMatch(/, 42 requests$/m);
    const { out, err } = await gateway(...only, '--out', 'counted');
    expect(err).toMatch(/^42 requests planned$/m);
    expect(out).toMatch(/^42 requests · /m);
  });

  it('fails with status 1 where a fault is found', async () => {
    const { code, out } = await gateway('--only', 'gw.request.text', '--fault', 'gw-ascii-only', '--out', 'faulty');
    expect(out).toMatch(/FAILED/);
    expect(out).toMatch(/gw\.request\.text\.unicode/);
    expect(code).toBe(1);
  });

  it('judges the embedded gateway with an upstream that speaks the Responses API', async () => {
    const { code, out } = await gateway('--speaks', 'openai-responses', '--only', 'gw.request.stop', '--out', 'other');
    expect(out).toMatch(/PASSED {2}2 passed/);
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(join(folder, 'other', 'report.json'), 'utf8'));
    expect(report.target.upstream.speaks).toBe('openai-responses');
  });

  it.each<[string, string[], RegExp]>([
    [
      'an API that it does not speak',
      ['--speaks', 'ollama'],
      /--speaks ollama: the upstream of the suite does not speak "ollama"; it speaks openai-chat, /,
    ],
    ['no port for a given gateway', ['--url', 'http://127.0.0.1:1'], /--upstream-port is missing/],
    [
      'a port that is none',
      ['--url', 'http://127.0.0.1:1', '--upstream-port', '99999'],
      /--upstream-port 99999: expected a number from 1 to 65535/,
    ],
    ['no model for a given gateway', ['--url', 'http://127.0.0.1:1', '--upstream-port', '45671'], /--model is missing/],
    ['a command without an address', ['--start', 'true'], /--start needs --url/],
    ['an unknown fault', ['--fault', 'gw-nothing'], /--fault gw-nothing: there is no such fault/],
    [
      'a fault of a given gateway',
      ['--url', 'http://127.0.0.1:1', '--upstream-port', '45671', '--fault', 'gw-ascii-only'],
      /--fault is for the embedded gateway/,
    ],
    ['a requirement that does not exist', ['--only', 'gw.nothing'], /no requirement has this id/],
    ['a file of cases that is not there', ['--cases', './none.json'], /--cases \.\/none\.json: there is no such file/],
  ])('says what is wrong with %s', async (_what, args, message) => {
    const { code, err } = await gateway(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('says that a port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = String((server.address() as AddressInfo).port);
    const { code, err } = await gateway('--url', 'http://127.0.0.1:1', '--model', 'm', '--upstream-port', port);
    server.close();
    expect(err).toMatch(new RegExp(`--upstream-port ${port}: another program uses this port`));
    expect(code).toBe(2);
  });

  it('names the place in a case file that breaks the schema', async () => {
    writeFileSync(
      join(folder, 'cases.json'),
      '{"family":"mine","cases":[{"id":"mine","title":"A case of mine","scrip":{}}]}',
    );
    const { code, err } = await gateway('--cases', './cases.json');
    expect(err).toMatch(/cases\.json does not fit schemas\/gateway-case\.schema\.json/);
    expect(err).toMatch(/scrip/);
    expect(code).toBe(2);
  });

  it('names the place in a contract that names an unknown API', async () => {
    const contract = JSON.parse(readFileSync(packageFile('contracts', 'default.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'mine-contract.json'), JSON.stringify({ ...contract, gateway: { speaks: 'ollama' } }));
    const { code, err } = await gateway('--contract', './mine-contract.json');
    expect(err).toMatch(/mine-contract\.json does not fit schemas\/contract\.schema\.json/);
    expect(err).toMatch(/gateway\/speaks/);
    expect(code).toBe(2);
  });

  it('judges the embedded gateway as a transparent one', async () => {
    const { code, out } = await gateway('--speaks', 'messages', '--only', 'gw.pass.answer', '--out', 'transparent');
    expect(out).toMatch(/PASSED {2}7 passed/);
    expect(code).toBe(0);
  });

  it('sends the cases of a file', async () => {
    writeFileSync(
      join(folder, 'mine.json'),
      '{"family":"mine","cases":[{"id":"mine","title":"A case of mine","request":{"system":"Be brief."}}]}',
    );
    const { code, out } = await gateway('--cases', './mine.json', '--only', 'gw.request.arrives', '--out', 'mine');
    expect(out).toMatch(/6 requests/);
    expect(code).toBe(0);
  });

  it('starts a command, shows the last lines of one that ends at once, and leaves nothing behind', async () => {
    const started = `${JSON.stringify(process.execPath)} -e 'console.error("no config at {url}"); process.exit(7)'`;
    const { code, out } = await gateway(
      '--url',
      'http://127.0.0.1:1',
      '--model',
      'm',
      '--start',
      started,
      '--out',
      'none',
    );
    expect(out).toMatch(
      /The command of --start has ended \(exit status 7\): no config at http:\/\/127\.0\.0\.1:\d+\/v1/,
    );
    expect(code).toBe(3);
  });

  /** The command runs the reference gateway, with more options in its source. */
  const judgedFromStart = async (only: string, more: string) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const serve = pathToFileURL(packageFile('dist', 'reference', 'gateway', 'serve.js'));
    const script = [
      `const { startGateway } = await import("${serve}");`,
      `await startGateway({ port: ${port}, upstream: "http://127.0.0.1:{port}", speaks: "openai-chat", `,
      `apiKey: "sk-of-this-test", upstreamKey: "{key}", ${more} });`,
    ].join('');
    const url = `http://127.0.0.1:${port}`;
    const { code, out } = await command(
      ['gateway', '--url', url, '--model', 'm', '--only', only, '--out', 'started'].concat([
        '--start',
        `${JSON.stringify(process.execPath)} --input-type=module -e '${script}'`,
      ]),
      { cwd: folder, env: { ANTHROPIC_API_KEY: 'sk-of-this-test' } },
    );
    return { url, code, out };
  };

  it('starts a gateway whose process ends again, and says after which cases it ended', async () => {
    const ends = 'alterations: { error: () => { console.error("fatal: no answer"); process.exit(3); } }';
    const { code, out } = await judgedFromStart('gw.errors.invalid', ends);
    expect(out).toMatch(
      /process ended 2 times and was started again: after error-invalid\/json,\s+error-invalid\/stream/,
    );
    expect(out).toMatch(/✗ gw\.errors\.invalid/);
    expect(out).not.toMatch(/ECONNREFUSED/);
    expect(code).toBe(1);
  });

  it('starts a gateway, waits for it, judges it and ends it', async () => {
    const { url, code, out } = await judgedFromStart('gw.keys', '');
    expect(out).toMatch(/PASSED {2}2 passed/);
    expect(code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('prints its catalogue', async () => {
    const { code, out } = await command(['list', '--gateway'], { cwd: folder });
    expect(out).toMatch(/gw\.request\.arrives +MUST/);
    expect(out).toMatch(/\d+ requirements, 0 excused/);
    expect(code).toBe(0);
  });
});
