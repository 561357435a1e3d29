/** Headers that a user sends are secrets, whatever they are called. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { command, scratch } from '../support/command.js';
import { failure, httpServer, json, type TestServer } from '../support/http-server.js';

const VALUES: Readonly<Record<string, string>> = {
  'helicone-auth': 'Bearer hel-7c1f-9a2b-secret',
  'cf-aig-authorization': 'Bearer cf-token-55aa66bb',
  'x-vercel-protection-bypass': 'bypass0123456789',
  'x-team': 'platform-engineering',
  cookie: 'session=c00k1e-value-1; theme=dark-blue-2',
};
const PARTS = [
  'hel-7c1f-9a2b-secret',
  'cf-token-55aa66bb',
  'bypass0123456789',
  'platform-engineering',
  'c00k1e-value-1',
];

let server: TestServer;
let cwd: string;
let remove: () => void;

beforeEach(async () => {
  // An honest server behind a gateway that tells what it got.
  server = await httpServer(({ headers }, response) =>
    json(response, 400, failure('invalid_request_error', `headers: ${JSON.stringify(headers)}`), {
      'x-echo': String(headers['helicone-auth']),
    }),
  );
  const made = scratch();
  ({ folder: cwd, remove } = made);
});
afterEach(async () => {
  await server.close();
  remove();
});

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const outcome = await command(
    [
      'run',
      '--url',
      server.url,
      '--model',
      'm',
      '--only',
      'http.post.messages',
      '--only',
      'sdk.*',
      '--only',
      'err.envelope.type',
    ]
      .concat('--verbose', '--reporter', 'markdown,sarif,github,badge', '--out', 'out')
      .concat(args),
    { cwd, env: { ANTHROPIC_API_KEY: 'key-of-the-target-9876', ...env } },
  );
  const out = join(cwd, 'out');
  const files = readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')] as const);
  return { ...outcome, files, report: JSON.parse(new Map(files).get('report.json')!) as Report };
}

describe('headers of a user', () => {
  it('reach the target, and no report, log or command line of a report', async () => {
    const given = Object.entries(VALUES).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    const { files, out, err, report } = await run(given);
    for (const [name, value] of Object.entries(VALUES)) expect(server.received[0]?.headers[name]).toBe(value);
    for (const [name, text] of [...files, ['standard output', out], ['standard error', err]] as const)
      for (const part of [...PARTS, 'key-of-the-target'])
        expect(text.includes(part), `${name} holds ${part}`).toBe(false);
    for (const { request } of report.exchanges.filter(({ response }) => response !== null)) {
      expect(request.headers['helicone-auth']).toBe('$HELICONE_AUTH');
      expect(request.headers['x-vercel-protection-bypass']).toBe('$X_VERCEL_PROTECTION_BYPASS');
      expect(request.headers.cookie).toBe('$COOKIE');
    }
    expect(report.exchanges[0]?.curl).toContain('-H "helicone-auth: $HELICONE_AUTH"');
    expect(err).toContain("--header-env 'x-team: VARIABLE'");
  });

  it('come from variables, whose names stand for them', async () => {
    const { files, err, report } = await run(['--header-env', 'Helicone-Auth: GATEWAY_TOKEN'], {
      GATEWAY_TOKEN: VALUES['helicone-auth']!,
    });
    expect(server.received[0]?.headers['helicone-auth']).toBe(VALUES['helicone-auth']);
    expect(report.exchanges[0]?.request.headers['helicone-auth']).toBe('$GATEWAY_TOKEN');
    expect(err).toContain(`ANTHROPIC_API_KEY, GATEWAY_TOKEN go to ${server.url}`);
    for (const [name, text] of files) expect(text.includes('hel-7c1f'), name).toBe(false);
  });

  it('that say nothing about anybody stay readable', async () => {
    const { report } = await run(['--header', 'anthropic-beta: one-beta', '--header', 'User-Agent: mine/1']);
    expect(report.exchanges[0]?.request.headers).toMatchObject({
      'anthropic-beta': 'one-beta',
      'user-agent': 'mine/1',
    });
  });

  it('whose value is a word of the protocol spoil no answer, and a reader is told', async () => {
    const { report } = await run([
      '--header',
      'x-provider: anthropic',
      '--header',
      'x-kind: message',
      '--header',
      'x-a: ab',
    ]);
    expect(report.exchanges[0]?.request.headers).toMatchObject({ 'x-provider': '$X_PROVIDER', 'x-kind': '$X_KIND' });
    expect(report.exchanges[0]?.response?.body).toContain('"message"');
    expect(report.notices.join('\n')).toContain('The value of X_KIND is not masked if the target repeats it');
    expect(report.notices.join('\n')).toContain('The value of X_A is not masked');
  });
});

describe('a header that cannot be read is refused without its value', () => {
  it.each([
    ['--header', 'sk-ant-very-secret'],
    ['--header', ': sk-ant-very-secret'],
    ['--header', 'bad name sk-ant-very-secret: x'],
    ['--header', 'x-token: sk-ant-very-secret\nx: y'],
    ['--header', 'authorization: Bearer sk-ant-very-secret'],
    ['--header', 'x-api-key: sk-ant-very-secret'],
    ['--header-env', 'sk-ant-very-secret'],
    ['--header-env', 'x-token: sk-ant-very-secret'],
    ['--header-env', 'x-token: UNSET_VARIABLE'],
  ])('%s %j', async (option, line) => {
    const { code, err, out } = await command(['run', option, line], { cwd });
    expect(code).toBe(2);
    expect(err).toContain(option);
    expect(err + out).not.toContain('very-secret');
  });
});
