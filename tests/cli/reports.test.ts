import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { command, scratch } from '../support/command.js';
import { failure, httpServer, json, reply } from '../support/http-server.js';

const { folder, remove } = scratch();
const out = join(folder, 'report');
const file = join(out, 'report.json');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Report;

/** A target that serves everything, and counts nothing. */
async function faultyRun(...options: string[]) {
  const server = await httpServer(({ url }, response) =>
    url.startsWith('/v1/messages')
      ? json(response, 200, { ...reply('ok'), usage: { input_tokens: 0, output_tokens: 0 } })
      : json(response, 404, failure('not_found_error', 'x')),
  );
  const outcome = await command(
    [
      'run',
      '--quiet',
      '--url',
      server.url,
      '--model',
      'm',
      '--only',
      'usage.*',
      '--only',
      'req.model.*',
      '--out',
      out,
      ...options,
    ],
    { cwd: folder },
  );
  await server.close();
  return outcome;
}

beforeAll(async () => {
  await faultyRun();
});
afterAll(remove);

describe('judging a report again', () => {
  it('gives the same verdicts without the network', async () => {
    const again = join(folder, 'again.json');
    const { code, out: text } = await command(['judge', file, '--quiet', '--out', again]);
    expect(code).toBe(1);
    expect(text).not.toContain('by this version');
    expect(read(again).results).toEqual(read(file).results);
  });

  it.each([
    ['page.html', /^<!doctype html>/i],
    ['report.md', /^#+ /],
    ['junit.xml', /^<\?xml /],
    ['report.sarif', /"version": ?"2\.1\.0"/],
  ])('writes the format that the name of the file says: %s', async (name, begin) => {
    const out = join(folder, name);
    expect((await command(['judge', file, '--quiet', '--out', out])).code).toBe(1);
    const text = readFileSync(out, 'utf8');
    expect(text).toMatch(begin);
    expect(text).toContain('req.model.');
  });

  it.each([
    ['a broken file', '{"format": 1', /not JSON/],
    [
      'a file of a newer version',
      JSON.stringify({ suite: { name: 'messages-conformance' }, format: 99 }),
      /reads up to 2; update/,
    ],
    ['a file of another tool', JSON.stringify({ version: '2.1.0', runs: [] }), /SARIF/],
  ])('refuses %s with the reason', async (_case, text, reason) => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, text);
    const { code, err } = await command(['judge', broken]);
    expect(code).toBe(2);
    expect(err).toMatch(reason);
  });
});

describe('exporting a requirement', () => {
  it('keeps what shows it, and the file is judged to the same verdict', async () => {
    const bundle = join(folder, 'bundle.json');
    const { code } = await command(['report', 'export', 'usage.input.positive', '--from', file, '--out', bundle]);
    expect(code).toBe(0);
    const exported = read(bundle);
    expect(exported.results.map(({ id, verdict }) => [id, verdict])).toEqual([['usage.input.positive', 'fail']]);
    expect(exported.fixtures).toContainEqual(
      expect.objectContaining({ id: 'minimal', body: expect.objectContaining({ max_tokens: 16 }) }),
    );
    expect((await command(['judge', bundle, '--quiet'])).code).toBe(1);
  });

  it('names the nearest requirement for a wrong id', async () => {
    const { code, err } = await command(['report', 'export', 'usage.input.positiv', '--from', file]);
    expect(code).toBe(2);
    expect(err).toContain('did you mean "usage.input.positive"?');
  });
});

describe('comparing two reports', () => {
  it('ends with 1 on a regression and names it', async () => {
    const before = join(folder, 'before.json');
    const report = read(file);
    const fixed = report.results.map((result) =>
      result.id === 'usage.input.positive'
        ? { ...result, verdict: 'pass', silent: false, findings: [], reason: '' }
        : result,
    );
    const { fail, pass, silent } = report.summary;
    const counts = report.profiles.map((entry) => ({
      ...entry,
      counts: {
        ...entry.counts,
        fail: entry.counts.fail - (entry.profile === 'core' ? 1 : 0),
        pass: entry.counts.pass + (entry.profile === 'core' ? 1 : 0),
      },
    }));
    writeFileSync(
      before,
      JSON.stringify({
        ...report,
        results: fixed,
        profiles: counts,
        summary: { ...report.summary, fail: fail - 1, pass: pass + 1, silent: silent - 1 },
      }),
    );
    const { code, out: text } = await command(['compare', before, file]);
    expect(text).toContain('usage.input.positive');
    expect(code).toBe(1);
    expect((await command(['compare', file, before])).code).toBe(0);
  });

  it('writes the form that the name of the file asks for', async () => {
    for (const [name, start] of [
      ['c.html', '<!doctype html>'],
      ['c.md', '#'],
      ['c.json', '{'],
    ] as const) {
      const target = join(folder, name);
      await command(['compare', file, file, '--out', target]);
      expect(readFileSync(target, 'utf8').toLowerCase().startsWith(start), name).toBe(true);
    }
  });
});

describe('the matrix', () => {
  it('puts many reports into one file', async () => {
    const target = join(folder, 'matrix.html');
    const { code, out: text } = await command(['matrix', file, file, '--out', target]);
    expect(code).toBe(0);
    expect(text).toContain('2 targets');
    expect(readFileSync(target, 'utf8')).toContain('usage.input.positive');
  });
});

describe('a baseline', () => {
  const baseline = join(folder, 'baseline.json');

  it('written from a run lets the same failures pass', async () => {
    expect((await faultyRun('--baseline', baseline, '--update-baseline')).code).toBe(0);
    expect((await faultyRun('--baseline', baseline)).code).toBe(0);
    expect(read(file).summary.known).toBeGreaterThan(0);
  });

  it('with a line that no longer fails is stale, and fails the run', async () => {
    const known = [
      ...(JSON.parse(readFileSync(baseline, 'utf8')) as { known: object[] }).known,
      { id: 'usage.cache.null-or-int', reason: 'was broken once' },
    ];
    const stale = join(folder, 'stale.json');
    writeFileSync(stale, JSON.stringify({ known }));
    const { code, out: text } = await faultyRun('--baseline', stale);
    expect(code).toBe(1);
    expect(text).toContain('usage.cache.null-or-int');
  });

  it('that is missing is said before anything else', async () => {
    const { code, err } = await faultyRun('--baseline', join(folder, 'none.json'));
    expect(code).toBe(2);
    expect(err).toContain('--update-baseline');
  });
});

describe('further reports', () => {
  it('are written beside the three', async () => {
    const target = join(folder, 'all');
    mkdirSync(target, { recursive: true });
    await command(['run', '--quiet', '--only', 'resp.*', '--reporter', 'markdown,sarif,badge', '--out', target]);
    for (const name of ['report.md', 'report.sarif', 'badge.json', 'badge.svg'])
      expect(readFileSync(join(target, name), 'utf8').length, name).toBeGreaterThan(50);
  });
});
