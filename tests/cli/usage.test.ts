import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FAULTS } from '../../reference/faults/index.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { VARIANTS } from '../../reference/variants/index.js';
import { command, scratch } from '../support/command.js';
import { httpServer } from '../support/http-server.js';

const folders: { remove: () => void }[] = [];
const folder = () => {
  const made = scratch();
  folders.push(made);
  return made.folder;
};

afterEach(() => {
  for (const made of folders.splice(0)) made.remove();
});

describe('wrong usage ends with status 2 and the right word', () => {
  it.each([
    [['run', '--profle', 'core'], /--profile/],
    [['rnu'], /unknown command/],
    [['compare'], /it is called as: messages-conformance compare \[options\] <before> <after>/],
    [['report', 'export'], /it is called as: messages-conformance report export \[options\] <id>/],
    [['run', '--profile', 'tolls'], /did you mean "tools"\?/],
    [['run', '--only', 'req.model.requird'], /did you mean "req\.model\.required"\?/],
    [['run', '--skip', 'strem.*'], /no requirement matches; did you mean "stream\.\*"\?/],
    [['run', '--contract', 'anthropc'], /did you mean "anthropic"\?/],
    [['run', '--contract', './missing.json'], /there is no such file/],
    [['run', '--reporter', 'junitt'], /did you mean "junit"\?/],
    [['run', '--concurrency', '0'], /--concurrency 0: expected a number >= 1/],
    [['run', '--concurrency', '1.5'], /--concurrency 1.5: expected an integer/],
    [['run', '--concurrency', '1e9'], /--concurrency 1000000000: expected a number <= 64/],
    [['run', '--timeout', '3000000'], /--timeout 3000000: expected a number <= 3600/],
    [['run', '--timeout', '0'], /--timeout 0: expected a number >= 0.1/],
    [['run', '--max-duration', '0'], /--max-duration 0: expected a number > 0/],
    [['run', '--max-requests', '2.5'], /--max-requests 2.5: expected an integer/],
    [['contract', 'init', '--timeout', '3000000'], /--timeout 3000000: expected a number <= 3600/],
    [['run', '--concurrency', 'many'], /Expected a number/],
    [['run', '--url', 'nonsense', '--model', 'm'], /not an address/],
    [['run', '--url', 'https://key@api.example.com', '--model', 'm'], /variable/],
    [['run', '--url', 'https://api.example.com'], /--model is missing/],
    [['run', '--quick', '--thorough'], /'--quick' cannot be used with option '--thorough'/],
    [['run', '--header', 'no colon'], /expected 'name: value'/],
    [['run', '--header', 'x-api-key: sk-1'], /--api-key-env/],
    [['run', '--api-version', '2022-01-01'], /2023-06-01 or 2026-10-21/],
    [['serve', '--port', '99999'], /0 to 65535/],
    [['run', '--only', 'stream.sdk.python'], /no request of the suite tests it\. .*`run --client python`/],
    [['judge', './none.json'], /none\.json: there is no such file or folder$/m],
    [['serve', '--fault', 'message-stop-mising'], /no such fault; .*--list-faults/],
    [['list', '--profile', 'cor'], /did you mean "core"\?/],
  ])('%j', async (args, message) => {
    const { code, err, out } = await command(args, { cwd: folder() });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
    expect(err).not.toMatch(/planned/);
  });

  it('a config file that breaks its schema: file, pointer, expected', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'conformance.config.json'), JSON.stringify({ concurrency: 'four' }));
    const { code, err } = await command(['run', '--dry-run'], { cwd });
    expect(code).toBe(2);
    expect(err).toContain('conformance.config.json');
    expect(err).toContain('/concurrency');
  });

  it('a contract file that breaks its schema: file, pointer, expected', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'mine.json'),
      JSON.stringify({ name: 'mine', title: 'Mine', profiles: { claimed: ['cores'] }, dialect: {} }),
    );
    const { code, err } = await command(['run', '--contract', './mine.json', '--dry-run'], { cwd });
    expect(code).toBe(2);
    expect(err).toContain('./mine.json');
    expect(err).toContain('/profiles/claimed/0');
  });

  it('a config file that is no JSON', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'c.json'), '{');
    const { code, err } = await command(['run', '--config', 'c.json'], { cwd });
    expect(code).toBe(2);
    expect(err).toContain('c.json: not JSON');
  });
});

describe('a target that cannot be reached ends with status 3 and the cause in one line', () => {
  it.each([
    ['a closed port', 'http://127.0.0.1:1', /refused/],
    ['a name that does not exist', 'http://name.invalid', /cannot be resolved/],
  ])('%s', async (_case, url, cause) => {
    const { code, err, out } = await command(['run', '--quiet', '--url', url, '--model', 'm'], { cwd: folder() });
    expect(code).toBe(3);
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(out).toMatch(/^NOT JUDGED/);
    expect(out).toMatch(cause);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('a TLS error', async () => {
    const server = await httpServer((_request, response) => response.end());
    const { code, out } = await command(
      ['run', '--quiet', '--url', server.url.replace('http:', 'https:'), '--model', 'm'],
      { cwd: folder() },
    );
    await server.close();
    expect(code).toBe(3);
    expect(out).toMatch(/^NOT JUDGED .*does not speak TLS: [a-z ]+ \(EPROTO\)/);
  });
});

describe('help', () => {
  it('names the commands and the exit status', async () => {
    const { code, out } = await command(['--help']);
    expect(code).toBe(0);
    for (const word of ['run', 'list', 'serve', 'Exit status']) expect(out).toContain(word);
  });

  it('is what the bare command prints', async () => {
    expect((await command([])).out).toContain('Usage: messages-conformance');
  });

  it('serve --list-faults names each fault with the level of what it breaks, and ends', async () => {
    const { code, out } = await command(['serve', '--list-faults']);
    expect(code).toBe(0);
    for (const { id, level, title } of FAULTS) expect(out).toMatch(listed(id, level, title));
  });

  it.each([
    [['serve', '--list-variants'], VARIANTS],
    [['gateway', '--list-faults'], GATEWAY_FAULTS],
  ])('%s names what may follow, and ends', async (args, entries) => {
    const { code, out } = await command([...args]);
    expect(code).toBe(0);
    for (const { id, title } of entries) expect(out).toMatch(listed(id, title));
  });
});

const listed = (...words: string[]) =>
  new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join(' +'));
