import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { caching } from '../../suites/caching.js';
import { structuredOutput } from '../../suites/structured-output.js';
import { thinking } from '../../suites/thinking.js';
import { anyText } from '../support/arbitrary.js';
import { events, exchange, expectJudgements, fixtures, judgeWith, message } from '../support/exchange.js';

const REQUIREMENTS = [thinking, caching, structuredOutput].flatMap(({ requirements }) => requirements);
const SENT = [...new Set(REQUIREMENTS.flatMap(({ fixtures: ids }) => ids))];

const junk = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject>;
const text = fc.constantFrom(
  '{"answer":42,"working":"x"}',
  '{"working":"x","answer":42}',
  '{"__proto__":{"answer":1},"toString":2}',
  '[1]',
  'null',
  '{"answer":',
  '</think>12231',
  '',
);
const block = fc.oneof(
  junk,
  text.map((value) => ({ type: 'text', text: value })),
  fc.record({ type: fc.constant('thinking'), thinking: fc.oneof(junk, text), signature: fc.oneof(junk, text) }),
  fc.record({ type: fc.constant('tool_use'), id: junk, name: fc.constantFrom('record_forecast', 'x'), input: junk }),
) as fc.Arbitrary<JsonObject>;
const number = fc.constantFrom<unknown>(-1, 0, 1, 6000, 2 ** 53, 1e308, 0.5, '1', null, []);
const usage = fc.record(
  {
    input_tokens: number,
    output_tokens: number,
    cache_creation_input_tokens: number,
    cache_read_input_tokens: number,
    cache_creation: fc.oneof(junk, fc.record({ ephemeral_5m_input_tokens: number, ephemeral_1h_input_tokens: number })),
    output_tokens_details: fc.oneof(junk, fc.record({ thinking_tokens: number })),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;
const reply = fc
  .record({
    content: fc.oneof(fc.array(block, { maxLength: 3 }), junk),
    usage: fc.oneof(usage, junk),
    stop_reason: fc.oneof(fc.constantFrom('end_turn', 'tool_use', 'max_tokens', null), junk),
  })
  .map((parts) => message(parts as JsonObject));
const plain = fc.array(
  fc.oneof(
    text.map((value) => ({ type: 'text', text: value })),
    fc.record({ type: fc.constant('thinking'), thinking: text, signature: fc.oneof(junk, text) }),
    fc.record({ type: fc.constant('tool_use'), id: junk, name: junk, input: fc.dictionary(fc.string(), junk) }),
  ),
  { maxLength: 3 },
) as unknown as fc.Arbitrary<JsonObject[]>;

test('no judge of thinking, caching and structured output throws, whatever a target sends', () => {
  const one = fc
    .record({
      fixture: fc.constantFrom(...SENT, 'minimal', 'cheap'),
      turn: fc.integer({ min: 1, max: 3 }),
      attempt: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom(200, 200, 200, 204, 400, 404, 429, 500),
      answer: fc.oneof(
        reply.map((json) => ({ json })),
        junk.map((json) => ({ json })),
        fc
          .tuple(plain, usage, fc.nat(12))
          .map(([content, counts, cut]) => ({ events: events(message({ content, usage: counts })).slice(0, cut + 1) })),
        anyText.map((raw) => ({ raw })),
        fc.constant({ noResponse: true, failure: { kind: 'not-set-up' as const, message: 'turn 1 did not answer' } }),
      ),
    })
    .map(({ answer, turn, ...rest }) => {
      const { turns } = fixtures().get(rest.fixture)!;
      return exchange({ ...rest, ...answer, turn: Math.min(turn, turns.length) });
    });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (exchanges) => {
      expectJudgements(REQUIREMENTS, exchanges);
    }),
    { numRuns: 400 },
  );
});

test('a reply with ten thousand broken thinking blocks has a few findings', () => {
  const content = Array.from({ length: 10_000 }, (): JsonObject => ({ type: 'thinking', thinking: null }));
  const shown = ['thinking', 'thinking-omitted', 'structured', 'strict-tool'].map((fixture) =>
    exchange({ fixture, json: message({ content: [...content, { type: 'text', text: '' }] }) }),
  );
  for (const requirement of REQUIREMENTS) {
    const judgement = judgeWith(requirement, shown);
    if (judgement.outcome === 'violated') expect(judgement.findings.length).toBeLessThan(20);
  }
});
