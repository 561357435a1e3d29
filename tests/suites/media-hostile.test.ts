import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { citations } from '../../suites/citations.js';
import { documents } from '../../suites/documents.js';
import { files } from '../../suites/files.js';
import { vision } from '../../suites/vision.js';
import { anyText } from '../support/arbitrary.js';
import { events, exchange, expectJudgements, fixtures, judgeWith, message } from '../support/exchange.js';

const REQUIREMENTS = [vision, documents, citations, files].flatMap(({ requirements }) => requirements);
const SENT = [...new Set(REQUIREMENTS.flatMap(({ fixtures: ids }) => ids))];

const junk = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject>;
const number = fc.constantFrom<unknown>(-1, 0, 1, 51, 98, 1e308, 2 ** 53, 0.5, '1', null, Number.NaN);
const citation = fc.oneof(
  junk,
  fc.record({
    type: fc.constantFrom(
      'char_location',
      'page_location',
      'search_result_location',
      'content_block_location',
      '__proto__',
    ),
    cited_text: fc.oneof(fc.constantFrom('', 'The keeper of Borvik is called PINEAPPLE MANGO.'), junk),
    document_index: number,
    search_result_index: number,
    source: fc.oneof(fc.constant('https://harbours.example/borvik'), junk),
    start_char_index: number,
    end_char_index: number,
    start_page_number: number,
    end_page_number: number,
    start_block_index: number,
    end_block_index: number,
  }),
) as fc.Arbitrary<JsonObject>;
const words = fc.constantFrom('PINEAPPLE MANGO', 'yellow', 'blue, yellow, red, green', ',,,,,', '');
const cited = fc
  .tuple(words, fc.oneof(fc.array(citation, { maxLength: 3 }), junk))
  .map(([text, list]) => message({ content: [{ type: 'text', text, citations: list as JsonObject[] }] }));
const file = fc.record(
  {
    id: fc.oneof(fc.constant('file_1'), junk),
    type: fc.constant('file'),
    data: fc.oneof(fc.array(junk), junk),
    next_page: junk,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test('no judge of pictures, documents and files throws, whatever a target sends', () => {
  const one = fc
    .record({
      fixture: fc.constantFrom(...SENT),
      turn: fc.integer({ min: 1, max: 6 }),
      attempt: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom(200, 200, 200, 204, 400, 404, 500),
      reply: fc.oneof(
        cited.map((json) => ({ json })),
        file.map((json) => ({ json })),
        junk.map((json) => ({ json })),
        fc.tuple(cited, fc.nat(8)).map(([json, cut]) => {
          const content = (json.content as JsonObject[])[0]!;
          return Array.isArray(content.citations) ? { events: events(json).slice(0, cut + 1) } : { json };
        }),
        anyText.map((raw) => ({ raw })),
        fc.constant({ noResponse: true, failure: { kind: 'not-set-up' as const, message: 'turn 1 did not answer' } }),
      ),
    })
    .map(({ reply, turn, ...rest }) => {
      const { turns } = fixtures().get(rest.fixture)!;
      return exchange({ ...rest, ...reply, turn: Math.min(turn, turns.length) });
    });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (exchanges) => {
      expectJudgements(REQUIREMENTS, exchanges);
    }),
    { numRuns: 400 },
  );
});

test('a reply with ten thousand wrong citations has a few findings', () => {
  const wrong = Array.from({ length: 10_000 }, (_, index) => ({ type: 'char_location', document_index: index }));
  const json = message({ content: [{ type: 'text', text: 'PINEAPPLE MANGO', citations: wrong }] });
  const shown = ['text-cited', 'pdf-cited', 'search-result-cited'].map((fixture) => exchange({ fixture, json }));
  for (const requirement of citations.requirements) {
    const judgement = judgeWith(requirement, shown);
    if (judgement.outcome === 'violated') expect(judgement.findings.length).toBeLessThan(10);
  }
});
