/** Text from outside on standard output and standard error: nothing in it acts on a terminal or a CI system. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result } from '../../core/report.js';
import { command, scratch } from '../support/command.js';
import { httpServer } from '../support/http-server.js';
import { reportOf, sampleResult } from '../support/sample-report.js';

const { folder, remove } = scratch();
afterAll(remove);

const EVIL =
  '\n::error::red\r\n::add-mask::x\u001b[31m\u001b]0;title\u0007\u009b2J\u202e##vso[task.setvariable]y\n##[error]z\u2066 \u2028::warning::w';

/** C0 but the line feed and the tab, C1, direction marks, and commands. */
function expectInert(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not occur
  expect(text.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g)).toBeNull();
  expect(text.match(/^\s*::/gm)).toBeNull();
  expect(text.match(/##(vso|teamcity)?\[/gi)).toBeNull();
}

async function expectInertRun(args: readonly string[], status: number): Promise<void> {
  const { code, out, err } = await command(args, { cwd: folder });
  expect({ code, err }).toMatchObject({ code: status });
  expectInert(out);
  expectInert(err);
}

const file = (name: string, text: string): string => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
};

describe('an error that quotes', () => {
  it.each([
    ['a config that is no JSON', ['run', '--config', file('1.json', EVIL)]],
    ['a config of wrong names', ['run', '--config', file('2.json', JSON.stringify({ [EVIL]: EVIL }))]],
    [
      'a config of wrong values',
      ['run', '--config', file('3.json', JSON.stringify({ concurrency: EVIL, profile: [EVIL] }))],
    ],
    ['a profile of a config', ['run', '--config', file('4.json', JSON.stringify({ profile: [EVIL] }))]],
    ['a URL of a config', ['run', '--config', file('5.json', JSON.stringify({ url: EVIL }))]],
    ['a contract of a config', ['run', '--config', file('6.json', JSON.stringify({ contract: EVIL }))]],
    ['a contract that is no JSON', ['run', '--contract', `./${file('7.json', `{"a":${EVIL}`)}`]],
    [
      'a contract of wrong values',
      ['run', '--contract', `./${file('8.json', JSON.stringify({ name: EVIL, [EVIL]: 1 }))}`],
    ],
    ['a baseline', ['run', '--baseline', file('9.json', JSON.stringify({ known: [{ id: EVIL, [EVIL]: 1 }] }))]],
    ['a report', ['judge', file('10.json', JSON.stringify({ suite: { name: EVIL } }))]],
    ['a report that is no JSON', ['judge', file('11.json', `{${EVIL}`)]],
    ['an argument', ['run', '--only', EVIL]],
    ['an option', ['run', `--${EVIL}`]],
    ['a command', [EVIL]],
    ['the name of a file', ['judge', `${EVIL}.json`]],
  ])('%s shows it, and nothing acts', async (_what, args) => {
    await expectInertRun(args, 2);
  });

  it.each([
    ['in its status line', `HTTP/1.1 \u009b2J${EVIL}`],
    ['in a redirect', `HTTP/1.1 307 ${EVIL.replace(/[\r\n]/g, ' ')}\r\nlocation: http://[::error::\u001b\r\n\r\n`],
  ])('a target %s shows it, and nothing acts', async (_where, head) => {
    const { createServer } = await import('node:net');
    const server = createServer((socket) => socket.on('error', () => {}).end(Buffer.from(head, 'latin1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { out, err } = await command(
      [
        'run',
        '--url',
        `http://127.0.0.1:${port}`,
        '--model',
        'm',
        '--only',
        'http.post.messages',
        '--verbose',
        '--out',
        'out',
      ],
      { cwd: folder },
    );
    server.close();
    expectInert(out);
    expectInert(err);
  });
});

describe('a report of a target that sends such text', () => {
  it('is printed inert, in colours too', async () => {
    const server = await httpServer((_request, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { type: EVIL, message: EVIL } })),
    );
    for (const more of [[], ['--verbose'], ['--quiet']]) {
      const args = ['run', '--url', server.url, '--model', 'm', '--profile', 'errors', '--out', 'out', ...more];
      const plain = await command(args, { cwd: folder });
      expectInert(plain.out);
      expectInert(plain.err);
      const { NO_COLOR: _, ...colors } = { NO_COLOR: '', FORCE_COLOR: '1' };
      const colored = await command(args, { cwd: folder, env: { ...colors, NO_COLOR: '' } });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and links of the reporter
      expectInert(colored.out.replace(/\u001b\[\d+m|\u001b\]8;;[!-~]*\u001b\\/g, ''));
    }
    await server.close();
  });
});

describe('a comparison of such reports', () => {
  const evil = (verdict: Result['verdict']) =>
    reportOf(
      [
        sampleResult('a.b', verdict, {
          statement: EVIL,
          reason: EVIL,
          findings: [{ message: EVIL, expected: EVIL, actual: EVIL, at: null, exchange: null }],
        }),
      ],
      [],
    );

  it.each(['terminal', 'markdown', 'json', 'html'])('on standard output as %s', async (format) => {
    const [before, after] = [
      file('before.json', JSON.stringify(evil('pass'))),
      file('after.json', JSON.stringify(evil('fail'))),
    ];
    const { code, out, err } = await command(['compare', before, after, '--format', format], { cwd: folder });
    expect(code, err).toBe(1);
    // The page's own script and style are no foreign text.
    expectInert(format === 'html' ? out.replace(/<(style|script)>.*?<\/\1>/gs, '') : out);
    if (format === 'json') expect(JSON.parse(out).regressions[0].after.reason).toBe(EVIL);
  });
});
