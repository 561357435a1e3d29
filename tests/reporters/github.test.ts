import { describe, expect, it } from 'vitest';
import { annotations, jobSummary } from '../../reporters/github.js';
import { bytes } from '../../reporters/markdown-text.js';
import {
  cleanReport,
  hostileReport,
  largeReport,
  reportOf,
  sampleReport,
  sampleResult,
} from '../support/sample-report.js';

/** Reads a line as a runner does; `null` when it is no command. */
function command(line: string): { name: string; title: string; message: string } | null {
  const [, name, properties = '', message = ''] = /^::(\w+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
  if (name === undefined) return null;
  const plain = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const parts = properties.split(',');
  expect(parts).toHaveLength(1);
  return { name, title: plain(parts[0]!.replace(/^title=/, '')), message: plain(message) };
}

const commands = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(command);

describe('annotations of a GitHub workflow', () => {
  it('are errors for failures and lines of the baseline, warnings for broken SHOULDs, and none for known failures', () => {
    expect(commands(annotations(sampleReport())).map((entry) => `${entry?.name} ${entry?.title}`)).toEqual([
      'error Baseline: stale',
      'error req.system.array (silent)',
      'error stream.order.index-consecutive (silent)',
      'error resp.usage.ints',
      'error stream.order.message-stop-last',
      'warning usage.stream-consistent (silent)',
      'warning hdr.request-id.present',
    ]);
    expect(annotations(cleanReport())).toBe('');
  });

  it('say what was expected and what came, over several lines of one command', () => {
    const entry = commands(annotations(sampleReport())).find((command) =>
      command?.title.startsWith('stream.order.index'),
    );
    expect(entry?.message).toContain('\nexpected: index 1\nactual: index 0\n');
  });

  it('are at most as many as GitHub shows, and the rest is counted', () => {
    const results = Array.from({ length: 40 }, (_, index) =>
      sampleResult(`a.b${index}`, index < 25 ? 'fail' : 'warn', { statement: 'x' }),
    );
    const { baseline: _baseline, ...report } = reportOf(results, []);
    const names = commands(annotations(report)).map((entry) => entry?.name);
    expect(names).toEqual([...Array(10).fill('error'), ...Array(10).fill('warning'), 'notice']);
    expect(annotations(report)).toContain('20 more findings in the report');
  });

  it('hold every line of a target inside a command', () => {
    const text = annotations(hostileReport({ longText: 100_000 }));
    for (const line of text.trimEnd().split('\n')) {
      expect(command(line)?.name).toMatch(/^(error|warning|notice)$/);
      expect(bytes(line)).toBeLessThan(6_000);
    }
    expect(text).not.toContain('\r');
  });

  it('escape the characters that end a property or a message', () => {
    const { baseline: _baseline, ...report } = reportOf(
      [sampleResult('a,b::c%d', 'fail', { statement: 'x', reason: '100% ::error::' })],
      [],
    );
    expect(annotations(report)).toMatch(/^::error title=a%2Cb%3A%3Ac%25d::100%25 ::error::%0Areproduce: /);
  });
});

describe('the summary of a job', () => {
  it('is the Markdown report with more room', () => {
    expect(jobSummary(sampleReport())).toContain('## ❌ messages-conformance: failed');
    const results = Array.from({ length: 1_500 }, (_, index) =>
      sampleResult(`a.b${index}`, 'fail', { statement: 'x', reason: 'y'.repeat(150) }),
    );
    expect(bytes(jobSummary(reportOf(results, [])))).toBeGreaterThan(100_000);
    expect(bytes(jobSummary(largeReport({ results: 20_000 })))).toBeLessThan(1_000_000);
  });
});

describe('causes in annotations', () => {
  it('have one command for all that they explain, and a target that cannot be judged has its diagnosis', () => {
    const report = sampleReport();
    const requirements = ['req.system.array', 'resp.usage.ints', 'stream.order.index-consecutive'];
    const caused = {
      ...report,
      causes: [{ kind: 'same-fault' as const, title: 'Three say the same.', requirements, exchange: null }],
    };
    const found = commands(annotations(caused));
    expect(found.map((entry) => `${entry?.name} ${entry?.title}`)).toEqual([
      'error Baseline: stale',
      'error Three say the same.',
      'error stream.order.message-stop-last',
      'warning usage.stream-consistent (silent)',
      'warning hdr.request-id.present',
    ]);
    expect(found[1]?.message).toMatch(
      /^explains 3 failures \(2 silent\): req\.system\.array, resp\.usage\.ints, stream\.order\.index-consecutive\n/,
    );
    const diagnosis = { kind: 'down' as const, line: 'It answers 503.', advice: 'Check its log.', tried: [] };
    expect(annotations({ ...report, diagnosis })).toMatch(
      /^::error title=The target cannot be judged::It answers 503\.%0ACheck its log\.\n/,
    );
  });
});
