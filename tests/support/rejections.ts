/** What every requirement on a refusal has in common, as tests: `rejected()` under each kind of answer, per negative. */

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

/** An exchange that was rejected. */
export const rejection = (fixture: string, status = 400, parts: Parameters<typeof exchange>[0] = {}): Exchange =>
  exchange({ fixture, status, json: errorBody('invalid_request_error', 'model, messages and all others'), ...parts });

/** Fixtures of a requirement by what they are for. */
function parts(requirement: Requirement): { negatives: string[]; controls: string[] } {
  const isNegative = (id: string) => fixtures().get(id)!.violates !== null;
  const negatives = requirement.fixtures.filter(isNegative);
  const controls = negatives.map((id) => fixtures().get(id)!.control!);
  return { negatives, controls: [...new Set([...controls, ...requirement.fixtures.filter((id) => !isNegative(id))])] };
}

/** A requirement whose negatives must be rejected as client faults while their controls are accepted. */
export function rejects(suite: Suite, ids: readonly string[], circumstances: Circumstances = {}): void {
  describe.each(ids)('%s', (id) => {
    const requirement = requirementOf(suite, id);
    const { negatives, controls } = parts(requirement);
    const accepted = controls.map((fixture) => exchange({ fixture }));
    const outcome = (...exchanges: Exchange[]) => judgeWith(requirement, exchanges, circumstances).outcome;
    const all = (status: number) => negatives.map((fixture) => rejection(fixture, status));

    test('lists its control requests, so that --only carries them out', () => {
      expect(negatives).not.toHaveLength(0);
      for (const fixture of negatives) expect(controls).toContain(fixtures().get(fixture)!.control);
    });
    test('is kept by a rejection as a client fault, whatever the status', () => {
      expect(outcome(...accepted, ...all(400))).toBe('satisfied');
      expect(outcome(...accepted, ...all(422))).toBe('satisfied');
    });
    test.each(negatives)('is violated when only %s is accepted', (exception) => {
      const answers = negatives.map((fixture) => (fixture === exception ? exchange({ fixture }) : rejection(fixture)));
      const judgement = judgeWith(requirement, [...accepted, ...answers], circumstances);
      expect(judgement).toMatchObject({ outcome: 'violated', findings: [{ exchange: `${exception}/json` }] });
    });
    test('is broken by a server error and by a rejection for another reason', () => {
      expect(outcome(...accepted, ...all(500))).toBe('violated');
      expect(outcome(...accepted, ...all(401))).toBe('violated');
    });
    test('is broken when the connection is dropped', () => {
      const dropped = negatives.map((fixture) =>
        exchange({ fixture, noResponse: true, failure: { kind: 'reset', message: 'socket hang up' } }),
      );
      expect(outcome(...accepted, ...dropped)).toBe('violated');
    });
    test('is inconclusive under a rate limit, and while the control is rejected as well', () => {
      expect(outcome(...accepted, ...all(429))).toBe('inconclusive');
      expect(outcome(...controls.map((fixture) => rejection(fixture)), ...all(400))).toBe('inconclusive');
    });
    test('knows nothing without a connection', () => {
      const lost = negatives.map((fixture) =>
        exchange({ fixture, noResponse: true, failure: { kind: 'unreachable', message: 'rejected' } }),
      );
      expect(outcome(...accepted, ...lost)).toBe('unreachable');
    });
  });
}

/** A requirement whose requests must be answered with a message. */
export function serves(suite: Suite, id: string, fixture: string, circumstances: Circumstances = {}): void {
  describe(id, () => {
    const requirement = requirementOf(suite, id);
    const { control } = fixtures().get(fixture)!;
    const accepted = control === null ? [] : [exchange({ fixture: control })];
    const outcome = (...exchanges: Exchange[]) => judgeWith(requirement, exchanges, circumstances).outcome;

    test('is kept by a message', () => {
      expect(outcome(...accepted, exchange({ fixture }))).toBe('satisfied');
    });
    test('is rejected by a client fault, broken by a server error', () => {
      expect(outcome(...accepted, rejection(fixture))).toBe('rejected');
      expect(outcome(...accepted, rejection(fixture, 500))).toBe('violated');
    });
    test('is inconclusive under a rate limit, and while the control is rejected as well', () => {
      expect(outcome(...accepted, rejection(fixture, 429))).toBe('inconclusive');
      if (control !== null) expect(outcome(rejection(control), rejection(fixture))).toBe('inconclusive');
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
    const accepted = [...new Set(controls)]
      .filter((control) => !whole.includes(control))
      .flatMap((fixture) => [exchange({ fixture }), exchange({ fixture, events: events(message()) })]);
    const judge = (...exchanges: Exchange[]) => judgeWith(requirement, [...accepted, ...exchanges], circumstances);
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
    test.each(whole)('is kept while %s is accepted', (fixture) => {
      const larger = whole.slice(0, whole.indexOf(fixture)).map((one) => rejection(one));
      expect(judge(...larger, streamed(fixture)).outcome).toBe('satisfied');
    });
    test('is judged by the part where no whole is accepted', () => {
      const rejections = [...whole.map((fixture) => rejection(fixture)), ...siblings];
      expect(judge(...rejections, streamed(part)).outcome).toBe('satisfied');
      const crash = judge(...rejections, rejection(part, 500));
      expect(crash).toMatchObject({ outcome: 'violated' });
      expect(crash.outcome === 'violated' && crash.findings.map((one) => one.exchange)).toEqual([`${part}/json`]);
    });
    test('does not answer for its neighbours: nothing is known while the part was not tried', () => {
      for (const status of [400, 500, 429])
        expect(judge(...whole.map((fixture) => rejection(fixture, status))).outcome).toBe('inconclusive');
    });
  });
}
