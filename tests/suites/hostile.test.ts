import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { anyText, legalStream } from '../support/arbitrary.js';
import { exchange, expectJudgements, judgeWith, message } from '../support/exchange.js';
import { FAMILIES } from '../support/requirements.js';

const REQUIREMENTS = FAMILIES.flatMap(({ requirements }) => requirements);
const FIXTURES = [...new Set(REQUIREMENTS.flatMap(({ fixtures }) => fixtures))];
const fixture = fc.constantFrom(...FIXTURES);
/** Whatever turns it into a word or a number throws. */
const unconvertible = fc.constant<JsonObject>({ toString: 1, valueOf: 1 });
const junk = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject>, unconvertible);

/** A legal message or event with one of its members, at any depth of two, replaced by anything. */
const spoilt = (value: JsonObject): fc.Arbitrary<JsonObject> =>
  fc.tuple(fc.constantFrom(...Object.keys(value)), junk, fc.boolean()).chain(([key, other, deeper]) => {
    const inner = value[key];
    if (
      !deeper ||
      typeof inner !== 'object' ||
      inner === null ||
      Array.isArray(inner) ||
      Object.keys(inner).length === 0
    ) {
      return fc.constant({ ...value, [key]: other });
    }
    return spoilt(inner).map((changed) => ({ ...value, [key]: changed }));
  });

const reply = fc.oneof(junk, fc.constant(message()).chain(spoilt));
const stream = legalStream.chain(({ events }) =>
  fc.tuple(fc.nat(events.length - 1), fc.constant(events)).chain(([at, list]) =>
    fc
      .oneof(
        spoilt(list[at]!),
        junk.map((value) => ({ value })),
      )
      .map((event) => list.with(at, event)),
  ),
);

test('no judge throws, whatever a target sends', () => {
  const exchanges = fc.array(
    fc.oneof(
      fc.record({ fixture, json: reply, status: fc.constantFrom(200, 200, 400, 529) }),
      fc.record({ fixture, events: stream, status: fc.constantFrom(200, 200, 500) }),
      fc.record({ fixture, raw: anyText }),
      fc.record({ fixture, raw: fc.uint8Array() }),
    ),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(exchanges, (parts) => {
      const shown = parts.map((part) => exchange(part));
      expectJudgements(REQUIREMENTS, shown);
    }),
    { numRuns: 300 },
  );
});

test('no judge takes long before a stream of forty thousand events', () => {
  const kinds = ['message_start', 'content_block_start', 'content_block_delta', 'message_delta', 'news'];
  const events = Array.from({ length: 40_000 }, (_, index) => ({
    type: kinds[index % kinds.length]!,
    index,
    content_block: { type: 'tool_use', name: 'x' },
    delta: { type: 'input_json_delta', partial_json: '{', stop_reason: 'end_turn' },
    usage: { output_tokens: index },
  }));
  const shown = [exchange({ fixture: 'counting', events }), exchange({ raw: 'data: {}\n\n'.repeat(40_000) })];
  for (const requirement of REQUIREMENTS) {
    const judgement = judgeWith(requirement, shown);
    if (judgement.outcome === 'violated') expect(judgement.findings.length).toBeLessThan(10);
  }
});
