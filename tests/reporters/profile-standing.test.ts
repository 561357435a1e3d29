import { describe, expect, it } from 'vitest';
import { VERDICTS, type Verdict } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { standingOf } from '../../reporters/profile-standing.js';
import { reportOf, sampleResult } from '../support/sample-report.js';

/** The standing of the profile tools with results of these verdicts. */
function standing(
  verdicts: readonly Verdict[],
  line: Partial<Report['profiles'][number]> = {},
  run: Partial<Report['run']> = {},
  summary: Partial<Report['summary']> = {},
): string {
  const results = verdicts.map((verdict, index) =>
    sampleResult(`tools.case-${index}`, verdict, { profile: 'tools', statement: 's' }),
  );
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, verdicts.filter((one) => one === verdict).length]),
  ) as Report['profiles'][number]['counts'];
  const report = reportOf(results, []);
  return standingOf(
    { ...report, run: { ...report.run, ...run }, summary: { ...report.summary, ...summary } },
    { profile: 'tools', claimed: true, counts, ...line },
  );
}

describe('the verdict on a profile', () => {
  it('is conformant when everything that could be judged passed', () => {
    expect(standing(['pass', 'pass', 'pass', 'skipped'])).toBe('conformant');
    expect(standing(['pass', 'pass', 'pass', 'inconclusive'])).toBe('conformant');
  });

  it('names warnings, and gives way to one failure, known or not', () => {
    expect(standing(['pass', 'pass', 'warn'])).toBe('conformant with warnings');
    expect(standing(['pass', 'warn', 'fail'])).toBe('not conformant');
  });

  it('is not green by absence', () => {
    expect(standing(['pass', 'inconclusive', 'inconclusive'])).toBe('judged in part');
    expect(standing(['pass', 'error', 'error'])).toBe('judged in part');
    expect(standing(['skipped', 'inconclusive'])).toBe('not judged');
    expect(standing([])).toBe('not judged');
  });

  it('of a selection, an interrupted run or a single question says that it is a part', () => {
    const verdicts = ['pass', 'skipped', 'skipped'] as const;
    expect(standing(verdicts)).toBe('conformant');
    expect(standing(verdicts, {}, { only: ['tools.case-0'] })).toBe('judged in part');
    expect(standing(verdicts, {}, { interrupted: 'stopped by SIGINT' })).toBe('judged in part');
    expect(standing(verdicts, { claimed: false, presence: 'present' })).toBe('judged in part');
  });

  it('of a run in which many requests got no answer is a part, where it has an open requirement', () => {
    const unanswered = { requests: 3, unanswered: { requests: 1, why: 'no answer within 60 s' } };
    expect(standing(['pass', 'pass', 'pass', 'inconclusive'], {}, {}, unanswered)).toBe('judged in part');
    expect(standing(['pass', 'pass', 'pass', 'skipped'], {}, {}, unanswered)).toBe('conformant');
  });

  it('is not offered when the target says so', () => {
    expect(standing(['declined', 'skipped'], { claimed: false, presence: 'declined' })).toBe('not offered');
    expect(standing(['declined', 'declined'])).toBe('not offered');
    expect(standing(['fail', 'skipped'], { claimed: false, presence: 'ignored' })).toBe('not conformant');
  });
});
