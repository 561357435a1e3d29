import { describe, expect, it } from 'vitest';
import { NOT_QUICK } from '../../core/report.js';
import { badgeJson, badgeSvg } from '../../reporters/badge.js';
import { cleanReport, hostileReport, reportOf, sampleReport } from '../support/sample-report.js';
import { parseXml } from './strict-xml.js';

const { baseline: _baseline, ...nothing } = reportOf([], []);
const stopped = { ...cleanReport(), run: { ...cleanReport().run, interrupted: 'by hand' } };
const warned = reportOf(
  cleanReport().results.map((result, index) => (index === 0 ? { ...result, verdict: 'warn' as const } : result)),
  [],
);

const partial = { ...cleanReport(), run: { ...cleanReport().run, only: ['resp.*'] } };
const quick = {
  ...reportOf(
    cleanReport().results.map((result, index) =>
      index === 0 ? { ...result, verdict: 'skipped' as const, reason: NOT_QUICK } : result,
    ),
    [],
  ),
  baseline: undefined,
};

describe('the badge', () => {
  it.each([
    ['a run that passed', cleanReport(), { message: '14 of 14 pass', color: 'brightgreen' }],
    ['a run with warnings', { ...warned, baseline: undefined }, { message: '13 of 14 pass', color: 'yellowgreen' }],
    ['a run that failed', sampleReport(), { message: '2 of 9 pass, 2 silent', color: 'red', isError: true }],
    ['a run that ended early', stopped, { message: '14 of 14 pass, incomplete', color: 'lightgrey' }],
    ['a run of some requirements', partial, { message: '14 of 14 pass, in part', color: 'yellowgreen' }],
    ['a quick run', quick, { message: '13 of 13 pass, in part', color: 'yellowgreen' }],
    ['a run that executed nothing', nothing, { message: 'not judged', color: 'lightgrey' }],
  ])('is what shields.io expects for %s', (_name, report, expected) => {
    expect(JSON.parse(badgeJson(report))).toEqual({ schemaVersion: 1, label: 'Messages API', ...expected });
  });

  it('is a picture with the same words, for readers and for screen readers', () => {
    const svg = badgeSvg(sampleReport());
    expect(parseXml(svg).name).toBe('svg');
    expect(svg).toContain('aria-label="Messages API: 2 of 9 pass, 2 silent (messages-conformance)"');
    expect(svg.match(/>2 of 9 pass, 2 silent</g)).toHaveLength(1);
  });

  it('holds nothing that a target can choose', () => {
    const svg = badgeSvg(hostileReport());
    expect(() => parseXml(svg)).not.toThrow();
    expect(svg).not.toMatch(/script|evil|href|onerror/);
  });
});
