/** docs/results: pages that a script writes from the data of measurements. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';

interface Measurement {
  mode: string;
  results: Record<string, string | { verdict: string; statement: string }>;
}

interface FieldServer {
  id: string;
  package: { version: string };
  measurements: Record<string, unknown>;
}

const script = (name: string): string => packageFile('scripts', 'field', name);
const { pages } = (await import(script('pages.mjs'))) as { pages: () => Record<string, string> };
const { SERVERS } = (await import(script('index.mjs'))) as { SERVERS: FieldServer[] };
const { compact } = (await import(script('compact.mjs'))) as {
  compact: (report: unknown, about: object, names: Record<string, string>) => Measurement;
};
const folder = packageFile('docs', 'results');
const data = (name: string) => JSON.parse(readFileSync(`${folder}/data/${name}`, 'utf8'));
const measured = readdirSync(`${folder}/data`).filter((name) => /\.(run|gateway)\.json$/.test(name));

describe('docs/results', () => {
  it('has the pages that the script writes from the data, and no others: npm run results', () => {
    const written = pages();
    expect(
      readdirSync(folder)
        .filter((name) => name !== 'data')
        .sort(),
    ).toEqual(Object.keys(written).sort());
    for (const [name, text] of Object.entries(written))
      expect(readFileSync(`${folder}/${name}`, 'utf8'), name).toBe(text);
  });

  it('has at least four servers, with the versions that are installed today', () => {
    expect(new Set(measured.map((name) => name.split('.')[0])).size).toBeGreaterThanOrEqual(4);
    for (const name of measured) {
      const [id] = name.split('.');
      expect(data(name).version, name).toBe(SERVERS.find((server) => server.id === id)?.package.version);
    }
  });

  it.each(measured)('%s: every failure was read, and nothing else is commented', (name) => {
    const { mode, results } = data(name) as Measurement;
    const failed = Object.entries(results)
      .filter(([, result]) => typeof result === 'object' && result.verdict === 'fail')
      .map(([id]) => id);
    const readings = data(`${name.split('.')[0]}.readings.json`)[mode] as Record<string, string>;
    expect(Object.keys(readings).sort()).toEqual(failed.sort());
    for (const reading of Object.values(readings)) expect(reading.length).toBeGreaterThan(20);
  });

  it('says nothing of the machine on which it was measured', () => {
    for (const name of [...Object.keys(pages()), ...measured.map((file) => `data/${file}`)]) {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      expect(text.match(/\/(tmp|root|home|work|Users)\/\S*/g), name).toBeNull();
    }
  });
});

it('a report is kept without folders, ports and exchanges', () => {
  const finding = {
    message: 'm',
    expected: 'e',
    actual: 'at /tmp/x/server.js:1, :4000',
    at: { event: 3 },
    exchange: 'plain/stream',
  };
  const report = {
    suite: { version: '0.1.0' },
    contract: { name: 'default' },
    summary: { pass: 1, fail: 1, requests: 2 },
    causes: [],
    results: [
      { id: 'a.b', verdict: 'pass' },
      {
        id: 'c.d',
        verdict: 'fail',
        level: 'MUST',
        silent: true,
        statement: 's',
        findings: [finding, finding, finding, finding],
      },
    ],
    exchanges: [{ id: 'plain/stream' }],
  };
  const kept = compact(report, { server: 'x', mode: 'run' }, { '/tmp/x': 'CACHE', ':4000': ':PORT' });
  expect(kept.results).toEqual({
    'a.b': 'pass',
    'c.d': {
      verdict: 'fail',
      level: 'MUST',
      silent: true,
      statement: 's',
      findings: Array.from({ length: 3 }, () => ({
        message: 'm',
        expected: 'e',
        actual: 'at CACHE/server.js:1, :PORT',
        where: 'plain/stream, event 3',
      })),
      further: 1,
    },
  });
  expect(kept).not.toHaveProperty('exchanges');
});
