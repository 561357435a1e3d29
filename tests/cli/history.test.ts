import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { json } from '../../reporters/json.js';
import { run } from '../../runner/run.js';
import { command, scratch } from '../support/command.js';

const { folder, remove } = scratch();
afterAll(remove);

const judge = async (...faults: string[]): Promise<Report> => {
  const { fetch } = createEndpoint({ apiKey: 'a-key-of-this-test', faults });
  const options = { fetch, apiKey: 'a-key-of-this-test', model: 'reference-1', only: ['stream.order', 'resp.id'] };
  return (await run(options)).report;
};
async function keep(path: string, report: Report, startedAt: string, baseUrl = 'https://one.example'): Promise<void> {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  const changed = { ...report, target: { ...report.target, baseUrl }, run: { ...report.run, startedAt } };
  writeFileSync(file, await json(changed));
}

beforeAll(async () => {
  const [whole, broken] = [await judge(), await judge('message-stop-missing')];
  await keep('reports/2026-03-02/report.json', whole, '2026-03-02T06:00:00.000Z');
  await keep('reports/2026-03-01.json', broken, '2026-03-01T06:00:00.000Z');
  await keep('reports/other/report.json', whole, '2026-03-01T07:00:00.000Z', 'https://<b>two</b>.example');
  writeFileSync(join(folder, 'reports', 'notes.json'), '{}');
});

describe('history', () => {
  it('draws a section for each target, runs in the order of time, and what failed or changed', async () => {
    const { code, out, err } = await command(['history', 'reports'], { cwd: folder });
    expect([code, out]).toEqual([0, '3 runs in conformance-history.html\n']);
    expect(err).toMatch(/left out: reports\/notes\.json/);
    const page = readFileSync(join(folder, 'conformance-history.html'), 'utf8');
    expect(page.match(/<section>/g)).toHaveLength(2);
    const [one = ''] = page.split('</section>').filter((part) => part.includes('one.example'));
    expect(one).toMatch(/2 runs\. The last one, of 2026-03-02: <strong>passed<\/strong>/);
    expect(one.indexOf('2026-03-01')).toBeLessThan(one.lastIndexOf('2026-03-02'));
    const row = /stream\.order\.message-stop-last<\/th>(.*)<\/tr>/.exec(one)?.[1] ?? '';
    expect([...row.matchAll(/<td class="(\w+)"/g)].map(([, verdict]) => verdict)).toEqual(['fail', 'pass']);
    expect(one).not.toContain('resp.id');
  });

  it('names the time of runs of one day', async () => {
    const report = await judge('message-stop-missing');
    await keep('daily/a.json', report, '2026-03-02T06:00:00.000Z');
    await keep('daily/b.json', report, '2026-03-02T18:30:00.000Z');
    await keep('daily/c.json', report, '2026-03-03T06:00:00.000Z');
    await command(['history', 'daily', '--out', 'daily.html'], { cwd: folder });
    const page = readFileSync(join(folder, 'daily.html'), 'utf8');
    const names = [...page.matchAll(/<th scope="col"><span [^>]*>([^<]*)</g)].map(([, name]) => name);
    expect(names).toEqual(['2026-03-02 06:00', '2026-03-02 18:30', '2026-03-03']);
  });

  it('says of a run that judged nothing just that', async () => {
    const dead = join(folder, 'dead');
    const { report } = await run({
      fetch: () => Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } })),
      model: 'reference-1',
    });
    mkdirSync(dead);
    writeFileSync(join(dead, 'report.json'), await json(report));
    await command(['history', 'dead', '--out', 'dead.html'], { cwd: folder });
    const page = readFileSync(join(folder, 'dead.html'), 'utf8');
    expect(page).toMatch(/1 run\. The last one, of [-\d]+: <strong>not judged<\/strong>\.<\/p>/);
    expect(page).toContain('<p>Nothing was judged.</p>');
    expect(page).not.toContain('<svg');
  });

  it('runs no text of a target, and needs no script', async () => {
    const page = readFileSync(join(folder, 'conformance-history.html'), 'utf8');
    expect(page).toContain('&lt;b&gt;two&lt;/b&gt;');
    expect(page).not.toMatch(/<script|<b>/);
    expect(page).toContain("default-src 'none'");
  });

  it('says that there is nothing to draw', async () => {
    const { code, err } = await command(['history', 'nowhere'], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringContaining('nowhere: there is no such file or folder')]);
    mkdirSync(join(folder, 'empty'));
    expect((await command(['history', 'empty'], { cwd: folder })).code).toBe(2);
  });
});
