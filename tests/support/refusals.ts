/** What every requirement on a refusal has in common, as tests: `refused()` under each kind of answer, per negative. */

import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { Requirement, Suite } from '../../core/requirement.js';
import {
  type Circumstances,
  errorBody,
  events,
  exchange,
  fixtures,
  judgeWith,
  message,
  requirementOf,
} from './exchange.js';

/** An exchange that was refused. */
export const refusal = (fixture: string, status = 400, parts: Parameters<typeof exchange>[0] = {}): Exchange =>
  exchange({ fixture, status, json: errorBody('invalid_request_error', 'model, messages and all others'), ...parts });

/** Fixtures of a requirement by what they are for. */
function parts(requirement: Requirement): { negatives: string[]; controls: string[] } {
  const isNegative = (id: string) => fixtures().get(id)!.violates !== null;
  const negatives = requirement.fixtures.filter(isNegative);
  const controls = negatives.map((id) => fixtures().get(id)!.control!);
  return { negatives, controls: [...new Set([...controls, ...requirement.fixtures.filter((id) => !isNegative(id))])] };
}

/** A requirement whose negatives must be refused as client faults while their controls are served. */
export function refuses(suite: Suite, ids: readonly string[], circumstances: Circumstances = {}): void {
  describe.each(ids)('%s', (id) => {
    const requirement = requirementOf(suite, id);
    const { negatives, controls } = parts(requirement);
    const served = controls.map((fixture) => exchange({ fixture }));
    const outcome = (...exchanges: Exchange[]) => judgeWith(requirement, exchanges, circumstances).outcome;
    const all = (status: number) => negatives.map((fixture) => refusal(fixture, status));

    test('lists its control requests, so that --only carries them out', () => {
      expect(negatives).not.toHaveLength(0);
      for (const fixture of negatives) expect(controls).toContain(fixtures().get(fixture)!.control);
    });
    test('is kept by a refusal as a client fault, whatever the status', () => {
      expect(outcome(...served, ...all(400))).toBe('satisfied');
      expect(outcome(...served, ...all(422))).toBe('satisfied');
    });
    test.each(negatives)('is broken when %s alone is accepted', (accepted) => {
      const answers = negatives.map((fixture) => (fixture === accepted ? exchange({ fixture }) : refusal(fixture)));
      const judgement = judgeWith(requirement, [...served, ...answers], circumstances);
      expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ exchange: `${accepted}/json` }] });
    });
    test('is broken by a server error and by a refusal for another reason', () => {
      expect(outcome(...served, ...all(500))).toBe('violated');
      expect(outcome(...served, ...all(401))).toBe('violated');
    });
    test('is broken when the connection is cut', () => {
      const cut = negatives.map((fixture) =>
        exchange({ fixture, noResponse: true, failure: { kind: 'reset', message: 'socket hang up' } }),
      );
      expect(outcome(...served, ...cut)).toBe('violated');
    });
    test('is inconclusive under a rate limit, and while the control is refused as well', () => {
      expect(outcome(...served, ...all(429))).toBe('inconclusive');
      expect(outcome(...controls.map((fixture) => refusal(fixture)), ...all(400))).toBe('inconclusive');
    });
    test('knows nothing without a connection', () => {
      const lost = negatives.map((fixture) =>
        exchange({ fixture, noResponse: true, failure: { kind: 'unreachable', message: 'rejected' } }),
      );
      expect(outcome(...served, ...lost)).toBe('unreachable');
    });
  });
}

/** A requirement whose requests must be answered with a message. */
export function serves(suite: Suite, id: string, fixture: string, circumstances: Circumstances = {}): void {
  describe(id, () => {
    const requirement = requirementOf(suite, id);
    const { control } = fixtures().get(fixture)!;
    const served = control === null ? [] : [exchange({ fixture: control })];
    const outcome = (...exchanges: Exchange[]) => judgeWith(requirement, exchanges, circumstances).outcome;

    test('is kept by a message', () => {
      expect(outcome(...served, exchange({ fixture }))).toBe('satisfied');
    });
    test('is refused by a client fault, broken by a server error', () => {
      expect(outcome(...served, refusal(fixture))).toBe('rejected');
      expect(outcome(...served, refusal(fixture, 500))).toBe('violated');
    });
    test('is inconclusive under a rate limit, and while the control is refused as well', () => {
      expect(outcome(...served, refusal(fixture, 429))).toBe('inconclusive');
      if (control !== null) expect(outcome(refusal(control), refusal(fixture))).toBe('inconclusive');
    });
  });
}

/** A requirement whose request is tried among others first, by the fixtures `among`, the larger ones first. */
export function sharesRequest(
  suite: Suite,
  id: string,
  { whole, part }: { whole: readonly string[]; part: string },
  circumstances: Circumstances = {},
): void {
  describe(`${id}, tried among others`, () => {
    const requirement = requirementOf(suite, id);
    const controls = [...whole, part].map((fixture) => fixtures().get(fixture)!.control ?? fixture);
    const served = [...new Set(controls)]
      .filter((control) => !whole.includes(control))
      .flatMap((fixture) => [exchange({ fixture }), exchange({ fixture, events: events(message()) })]);
    const judge = (...exchanges: Exchange[]) => judgeWith(requirement, [...served, ...exchanges], circumstances);
    const streamed = (fixture: string): Exchange =>
      fixtures().get(fixture)!.transports.includes('json')
        ? exchange({ fixture })
        : exchange({ fixture, events: events(message()) });

    const parts = new Set(whole.flatMap((fixture) => fixtures().get(fixture)!.splitInto));
    const siblings = requirement.fixtures
      .filter((fixture) => parts.has(fixture) && fixture !== part && !whole.includes(fixture))
      .map(streamed);

    test('names the whole and the part, so that a run sends the one and keeps the other ready', () => {
      expect(requirement.fixtures).toEqual(expect.arrayContaining([...whole, part]));
      expect([...parts]).toContain(part);
    });
    test.each(whole)('is kept while %s is served', (fixture) => {
      const larger = whole.slice(0, whole.indexOf(fixture)).map((one) => refusal(one));
      expect(judge(...larger, streamed(fixture)).outcome).toBe('satisfied');
    });
    test('is judged by the part where no whole is served', () => {
      const refusals = [...whole.map((fixture) => refusal(fixture)), ...siblings];
      expect(judge(...refusals, streamed(part)).outcome).toBe('satisfied');
      const crash = judge(...refusals, refusal(part, 500));
      expect(crash).toMatchObject({ outcome: 'violated' });
      expect(crash.outcome === 'violated' && crash.findings.map((one) => one.exchange)).toEqual([`${part}/json`]);
    });
    test('does not answer for its neighbours: nothing is known while the part was not tried', () => {
      for (const status of [400, 500, 429])
        expect(judge(...whole.map((fixture) => refusal(fixture, status))).outcome).toBe('inconclusive');
    });
  });
}
