import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { agent } from '../../suites/agent.js';
import { batches } from '../../suites/batches.js';
import { countTokens } from '../../suites/count-tokens.js';
import { models } from '../../suites/models.js';
import { anyText } from '../support/arbitrary.js';
import { events, exchange, expectJudgements, fixtures, judgeWith, message } from '../support/exchange.js';

const REQUIREMENTS = [countTokens, models, batches, agent].flatMap(({ requirements }) => requirements);
const SENT = [...new Set(REQUIREMENTS.flatMap(({ fixtures: ids }) => ids))];

/** Objects that throw when they are made a string or a number. */
const trap = fc.constant({ toString: 'x', valueOf: 1, __proto__: null } as unknown);
const junk = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, trap);
const time = fc.constantFrom<unknown>('2026-11-01T12:00:00Z', '+275760-09-13T00:00:00Z', 'x', 0, null);
const counts = fc.record({ processing: junk, succeeded: junk, errored: junk, canceled: junk, expired: junk });
const id = fc.oneof(fc.constantFrom('a', 'b', 'msgbatch_1', '', ':'), junk);
const batch = fc.record({
  id,
  type: fc.oneof(fc.constant('message_batch'), junk),
  processing_status: fc.oneof(fc.constantFrom('in_progress', 'canceling', 'ended'), junk),
  request_counts: fc.oneof(counts, junk),
  created_at: fc.oneof(time, junk),
  expires_at: fc.oneof(time, junk),
  cancel_initiated_at: fc.oneof(time, junk),
  results_url: fc.oneof(fc.constantFrom('http://target.test/x', ':', ''), junk),
});
const model = fc.record({ id, type: junk, display_name: junk, created_at: fc.oneof(time, junk) });
const page = fc.record({
  data: fc.oneof(fc.array(fc.oneof(model, batch, junk), { maxLength: 4 }), junk),
  has_more: fc.oneof(fc.boolean(), junk),
  first_id: id,
  last_id: id,
});
const line = fc.record({
  custom_id: fc.oneof(fc.constantFrom('short', 'without-messages'), junk),
  result: fc.oneof(
    fc.record({
      type: fc.oneof(fc.constantFrom('succeeded', 'errored', 'canceled', 'expired'), junk),
      message: fc.oneof(fc.constant(message()), junk),
      error: junk,
    }),
    junk,
  ),
});
const block = fc.oneof(
  junk,
  fc.constantFrom({ type: 'text', text: 'AMBER BIRCH' }, { type: 'text', text: 'ok' }),
  fc.record({ type: fc.constant('tool_use'), id, name: id, input: fc.object() }),
) as fc.Arbitrary<JsonObject>;
const plain = fc.array(
  fc.constantFrom<JsonObject>({ type: 'text', text: 'CORAL' }, { type: 'tool_use', id: 'a', name: 'step', input: {} }),
  { maxLength: 3 },
);

test('no judge of neighbours and agents throws, whatever a target sends', () => {
  const one = fc
    .record({
      fixture: fc.constantFrom(...SENT),
      turn: fc.integer({ min: 1, max: 7 }),
      attempt: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom(200, 200, 200, 204, 400, 403, 404, 429, 500, 501),
      answer: fc.oneof(
        fc.oneof(batch, page, model, junk, fc.record({ input_tokens: junk })).map((json) => ({ json })),
        fc.record({ content: fc.oneof(fc.array(block, { maxLength: 3 }), junk), usage: junk }).map((parts) => ({
          json: message(parts as JsonObject),
        })),
        fc.array(fc.oneof(line, junk), { maxLength: 4 }).map((lines) => ({
          transport: 'json' as const,
          raw: lines.map((value) => JSON.stringify(value)).join('\n'),
        })),
        fc
          .tuple(plain, fc.nat(12))
          .map(([content, cut]) => ({ events: events(message({ content })).slice(0, cut + 1) })),
        anyText.map((raw) => ({ raw })),
        fc.uint8Array().map((raw) => ({ raw })),
        fc.constant({ noResponse: true, failure: { kind: 'not-set-up' as const, message: 'turn 1 did not answer' } }),
        fc.constant({ noResponse: true, failure: { kind: 'reset' as const, message: 'socket hang up' } }),
      ),
    })
    .map(({ answer, turn, ...rest }) => {
      const { turns } = fixtures().get(rest.fixture)!;
      return exchange({ ...rest, ...answer, turn: Math.min(turn, turns.length) });
    });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (exchanges) => {
      expectJudgements(REQUIREMENTS, exchanges);
    }),
    { numRuns: 400 },
  );
});

test('lists and results of many entries are judged at once, and told in a few findings', () => {
  const data = Array.from({ length: 20_000 }, (_, index) => ({ id: `m${index}` }));
  const list = { data, has_more: false, first_id: 'm0', last_id: 'm19999' };
  const results = '{"custom_id":"x","result":{"type":"errored"}}\n'.repeat(40_000);
  const ended = { id: 'b', processing_status: 'ended', results_url: 'http://target.test/r' };
  const exchanges = [
    exchange({ fixture: 'models-list', json: list }),
    exchange({ fixture: 'models-walk', json: list }),
    exchange({ fixture: 'batch-list', json: list }),
    exchange({ fixture: 'batch-life', json: { id: 'b' } }),
    exchange({ fixture: 'batch-life', turn: 5, json: ended }),
    exchange({ fixture: 'batch-life', turn: 6, transport: 'json', raw: results }),
  ];
  for (const requirement of REQUIREMENTS) {
    const judgement = judgeWith(requirement, exchanges);
    if (judgement.outcome === 'violated') expect(judgement.findings.length).toBeLessThan(25);
  }
});
