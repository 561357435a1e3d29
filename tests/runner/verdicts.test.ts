import { describe, expect, it } from 'vitest';
import type { Level } from '../../core/protocol.js';
import type { Judgement, Requirement } from '../../core/requirement.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judgeAll } from '../../runner/judge/judge.js';
import { exchange } from '../support/exchange.js';

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
    ['satisfied', 'MUST', { outcome: 'satisfied' }, 'pass'],
    ['violated', 'MUST', { outcome: 'violated', findings: [finding] }, 'fail'],
    ['violated', 'SHOULD', { outcome: 'violated', findings: [finding] }, 'warn'],
    ['violated', 'MAY', { outcome: 'violated', findings: [finding] }, 'fail'],
    ['deviates', 'MUST', { outcome: 'deviates', findings: [finding] }, 'warn'],
    ['rejected', 'MUST', { outcome: 'rejected', findings: [finding] }, 'fail'],
    ['rejected', 'SHOULD', { outcome: 'rejected', findings: [finding] }, 'warn'],
    ['rejected', 'MAY', { outcome: 'rejected', findings: [finding] }, 'declined'],
    ['inconclusive', 'MUST', { outcome: 'inconclusive', reason: 'r', tries: 3 }, 'inconclusive'],
    ['not-observed', 'MUST', { outcome: 'not-observed', reason: 'r' }, 'skipped'],
    ['unreachable', 'MUST', { outcome: 'unreachable', reason: 'r' }, 'error'],
  ] as const)('%s %s', (_outcome, level, judgement, expected) => {
    expect(verdict(level, () => judgement as unknown as Judgement).verdict).toBe(expected);
  });

  it('an honest refusal of an unclaimed profile is declined', () => {
    expect(verdict('MUST', () => ({ outcome: 'rejected', findings: [finding] }), 'vision').verdict).toBe('declined');
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
    expect(judged).toMatchObject({ verdict: 'error', reason: 'The judge itself failed: boom' });
  });

  it('a silent fault stays marked', () => {
    expect(verdict('SHOULD', () => ({ outcome: 'violated', findings: [finding], silent: true }))).toMatchObject({
      verdict: 'warn',
      silent: true,
    });
  });
});

describe('of several findings comes first', () => {
  const places = (...ids: string[]) => {
    const requirement: Requirement = {
      id: 'x.y',
      level: 'MUST',
      profile: 'core',
      statement: 's',
      source: [],
      fixtures: ['minimal'],
      judge: () => ({ outcome: 'violated', findings: ids.map((id) => ({ ...finding, exchange: id })) }),
    };
    const [judged] = judgeAll([requirement], {
      fixtures: new Map(),
      exchanges: [
        exchange({ fixture: 'models-list', request: { url: 'http://127.0.0.1/v1/models' } }),
        exchange({ fixture: 'connection-after-invalid-key', transport: 'stream' }),
        exchange({ fixture: 'minimal' }),
      ],
      claims,
      model: 'm',
      violations: () => [],
      level: () => 'MUST',
    });
    return judged!.findings.map((one) => one.exchange);
  };
  const [own, other, elsewhere] = ['minimal/json', 'connection-after-invalid-key/stream', 'models-list/json'];

  it('that of its own requests, which the command that shows it again sends', () => {
    expect(places(elsewhere, other, own)).toEqual([own, other, elsewhere]);
  });

  it('the first of each exchange', () => {
    expect(places(own, own, other)).toEqual([own, other, own]);
  });
});
