import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { openMetrics } from '../../reporters/openmetrics.js';
import { run } from '../../runner/run.js';

let report: Report;
beforeAll(async () => {
  const { fetch } = createEndpoint({ apiKey: 'a-key-of-this-test', faults: ['message-stop-missing'] });
  const options = { fetch, apiKey: 'a-key-of-this-test', model: 'reference-1', only: ['stream.order', 'resp.id'] };
  ({ report } = await run(options));
});

const valuesOf = (text: string, name: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`messages_conformance_${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));

describe('metrics', () => {
  it('are OpenMetrics: each family has its type and help before its samples, names occur once, the end is marked', () => {
    const lines = openMetrics(report).split('\n');
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
    let family = '';
    const seen = new Set<string>();
    for (const line of lines.slice(0, -2)) {
      const type = /^# TYPE ([a-z_]+) (gauge|summary)$/.exec(line);
      if (type !== null) {
        family = type[1]!;
        expect(seen.has(family), family).toBe(false);
        seen.add(family);
      } else if (line.startsWith('# HELP ')) expect(line.startsWith(`# HELP ${family} `), line).toBe(true);
      else {
        expect(line).toMatch(/^[a-z_]+\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\} -?\d+(\.\d+)?$/);
        expect(line.replace(/\{.*/, '').replace(/_(count|sum)$/, '')).toBe(family);
      }
    }
  });

  it('count what the report counts', () => {
    const text = openMetrics(report);
    const sum = valuesOf(text, 'results').reduce((total, value) => total + value, 0);
    const { pass, fail, warn, declined, inconclusive, skipped, error } = report.summary;
    expect(sum).toBeLessThanOrEqual(pass + fail + warn + declined + inconclusive + skipped + error);
    expect(text).toMatch(/results\{.*profile="core",verdict="fail"\} 1/);
    expect(text).toMatch(
      /failed\{.*id="stream\.order\.message-stop-last",level="MUST",silent="(true|false)",known="false"\} 1/,
    );
    expect(text).toMatch(/outcome\{.*outcome="failed"\} 1/);
    expect(valuesOf(text, 'outcome').reduce((total, value) => total + value, 0)).toBe(1);
  });

  it('measure in seconds, in order', () => {
    const text = openMetrics(report);
    for (const transport of ['json', 'stream']) {
      const lines = text.split('\n').filter((line) => line.includes(`transport="${transport}",quantile=`));
      const first = lines.filter((line) => line.includes('first_byte')).map((line) => Number(line.split(' ').at(-1)));
      expect(first).toHaveLength(4);
      expect([...first].sort((a, b) => a - b)).toEqual(first);
      expect(first.every((value) => value >= 0 && value < 600)).toBe(true);
    }
    expect(valuesOf(text, 'run_start_time_seconds')).toEqual([Date.parse(report.run.startedAt) / 1000]);
  });

  it('escape what a label may not hold', () => {
    const model = 'a"b\\c\nd\u001b[31m';
    expect(openMetrics({ ...report, target: { ...report.target, model } })).toContain('model="a\\"b\\\\c␊d␛[31m"');
  });
});
