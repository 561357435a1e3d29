import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellQuoted, shellWord } from '../../core/shell.js';
import { run } from '../../runner/index.js';
import { curl } from '../../runner/report/curl.js';

import { httpServer, json, reply } from '../support/http-server.js';

const HOSTILE = [
  "it's",
  '$(touch /tmp/x)',
  '`id`',
  '$HOME',
  'a;b',
  'a b',
  '"',
  '\\',
  '*',
  '~',
  '!x',
  '#x',
  'a\nb',
  '',
  '-x=1',
  "'; rm -rf ~; '",
];

/** What a shell makes of a word. */
const read = (word: string): string => execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });

describe('a word for a shell', () => {
  it.each(HOSTILE)('comes out as it went in: %j', (text) => {
    expect(read(shellWord(text))).toBe(text);
    expect(read(shellQuoted(text))).toBe(text);
  });

  it.each(['https://api.example.com:8443/base', 'claude-sonnet-4-5', 'anthropic/claude@1', '50%'])(
    'stays readable: %s',
    (text) => {
      expect(shellWord(text)).toBe(text);
    },
  );
});

describe('the command that shows a failure again', () => {
  it('is quoted where a model or a path needs it', async () => {
    const server = await httpServer((_request, response) => json(response, 200, reply('ok')));
    const { report } = await run({ url: `${server.url}/a'b`, model: "m'; rm -rf ~", only: ['http.post.messages'] });
    await server.close();
    const line = report.results[0]!.reproduce.replace(/^\S+/, 'printf "%s\\n"');
    const words = execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(words).toEqual(expect.arrayContaining(["m'; rm -rf ~", `${server.url}/a'b`]));
  });
});

describe('a curl line', () => {
  it('sends what was sent, whatever stands in it', () => {
    const request = {
      method: 'POST',
      url: "https://x/'$(id)",
      headers: { 'x-a': '$(id) `id`', 'x-b': "it's" },
      body: '{"a":"$HOME\'"}',
    };
    const line = curl(request).replace('curl -sS', 'printf "%s\\n"');
    const words = execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(words).toEqual([request.url, '-H', 'x-a: $(id) `id`', '-H', "x-b: it's", '--data-binary', request.body]);
  });
});
