import { describe, expect, it } from 'vitest';
import type { Level } from '../../core/protocol.js';
import type { Judgement, Requirement } from '../../core/requirement.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judgeAll } from '../../runner/judge/judge.js';

const finding = { message: 'm', expected: 'e', actual: 'a', at: null, exchange: null };
const claims = { name: 'c', profiles: ['core' as const], dialect: (await loadContract('anthropic')).dialect };

function verdict(level: Level, judge: () => Judgement, profile: Requirement['profile'] = 'core', raised = level) {
  const requirement: Requirement = { id: 'x.y', level, profile, statement: 's', source: [], fixtures: [], judge };
  const [judged] = judgeAll([requirement], {
    fixtures: new Map(),
    exchanges: [],
    claims,
    model: 'm',
    violations: () => [],
    level: () => raised,
  });
  return judged!;
}

describe('what a judge says becomes a verdict', () => {
  it.each([
    ['kept', 'MUST', { outcome: 'kept' }, 'pass'],
    ['broken', 'MUST', { outcome: 'broken', findings: [finding] }, 'fail'],
    ['broken', 'SHOULD', { outcome: 'broken', findings: [finding] }, 'warn'],
    ['broken', 'MAY', { outcome: 'broken', findings: [finding] }, 'fail'],
    ['deviates', 'MUST', { outcome: 'deviates', findings: [finding] }, 'warn'],
    ['refused', 'MUST', { outcome: 'refused', findings: [finding] }, 'fail'],
    ['refused', 'SHOULD', { outcome: 'refused', findings: [finding] }, 'warn'],
    ['refused', 'MAY', { outcome: 'refused', findings: [finding] }, 'declined'],
    ['inconclusive', 'MUST', { outcome: 'inconclusive', reason: 'r', tries: 3 }, 'inconclusive'],
    ['unobserved', 'MUST', { outcome: 'unobserved', reason: 'r' }, 'skipped'],
    ['unreachable', 'MUST', { outcome: 'unreachable', reason: 'r' }, 'error'],
  ] as const)('%s %s', (_outcome, level, judgement, expected) => {
    expect(verdict(level, () => judgement as unknown as Judgement).verdict).toBe(expected);
  });

  it('an honest refusal of an unclaimed profile is declined', () => {
    expect(verdict('MUST', () => ({ outcome: 'refused', findings: [finding] }), 'vision').verdict).toBe('declined');
  });

  it('a choice other than the documented one fails where the contract makes it a MUST of its own', () => {
    const deviates = (): Judgement => ({ outcome: 'deviates', findings: [finding] });
    expect(verdict('MAY', deviates, 'core', 'MUST').verdict).toBe('fail');
    expect(verdict('MAY', deviates, 'core', 'SHOULD').verdict).toBe('warn');
  });

  it('an exception inside a judge is an error, not a failure of the target', () => {
    const judged = verdict('MUST', () => {
      throw new Error('boom');
    });
    expect(judged).toMatchObject({ verdict: 'error', reason: 'the judge itself failed: boom' });
  });

  it('a silent fault stays marked', () => {
    expect(verdict('SHOULD', () => ({ outcome: 'broken', findings: [finding], silent: true }))).toMatchObject({
      verdict: 'warn',
      silent: true,
    });
  });
});
