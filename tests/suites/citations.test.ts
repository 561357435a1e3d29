import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { citations } from '../../suites/citations.js';
import { events, exchange, fixtures, judgeOf, message, textBlock, thrice } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const CLAIMED = { claims: { profiles: ['core', 'documents'] } } as const;
/** The short question is accepted, unless a test says otherwise. */
const judge = judgeOf(citations, CLAIMED, exchange({ fixture: 'cheap' }));

const ANSWER = 'The keeper of Borvik is called PINEAPPLE MANGO.';
const LOST = 'I do not know any keeper.';
const wordsControl = exchange({
  fixture: 'words-in-prompt',
  json: message({ content: [textBlock('PINEAPPLE MANGO')] }),
});
const deaf = exchange({ fixture: 'words-in-prompt', json: message({ content: [textBlock('Fruit!')] }) });

const reply = (text: string, cited: unknown[] | null, parts: JsonObject = {}): JsonObject =>
  message({
    content: [{ type: 'text', text, ...(cited === null ? {} : { citations: cited as JsonObject[] }) }],
    ...parts,
  });
const json = (fixture: string, cited: unknown[] | null, text = ANSWER, parts: JsonObject = {}): Exchange =>
  exchange({ fixture, json: reply(text, cited, parts) });
const stream = (cited: unknown[] | null, text = ANSWER): Exchange =>
  exchange({ fixture: 'text-cited', events: events(reply(text, cited)) });

const CHARS = {
  type: 'char_location',
  cited_text: ANSWER,
  document_index: 1,
  document_title: 'Borvik',
  start_char_index: 51,
  end_char_index: 98,
};
const PAGE = {
  type: 'page_location',
  cited_text: ANSWER,
  document_index: 0,
  document_title: null,
  start_page_number: 1,
  end_page_number: 2,
};
const RESULT = {
  type: 'search_result_location',
  cited_text: ANSWER,
  search_result_index: 0,
  source: 'https://harbours.example/borvik',
  title: 'Borvik',
  start_block_index: 1,
  end_block_index: 2,
};
const without = (citation: object, key: string): object =>
  Object.fromEntries(Object.entries(citation).filter(([name]) => name !== key));

describe.each([
  ['cite.text.shape', 'text-cited', CHARS],
  ['cite.pdf.shape', 'pdf-cited', PAGE],
  ['cite.search-result', 'search-result-cited', RESULT],
] as const)('%s', (id, fixture, citation) => {
  const elsewhere = json(fixture === 'pdf-cited' ? 'text-cited' : 'pdf-cited', [citation]);
  it.each([
    ['with a citation', [wordsControl, json(fixture, [citation])], 'satisfied'],
    [
      'with two citations, and fields of tomorrow',
      [wordsControl, json(fixture, [citation, { ...citation, weight: 1 }])],
      'satisfied',
    ],
    [
      'without citations, though taken from the source, where another answer cites',
      [wordsControl, json(fixture, null), elsewhere],
      'violated',
    ],
    ['without citations, where no answer of the run cites', [wordsControl, json(fixture, null)], 'inconclusive'],
    [
      'with null for citations',
      [
        wordsControl,
        exchange({ fixture, json: message({ content: [{ type: 'text', text: ANSWER, citations: null }] }) }),
        elsewhere,
      ],
      'violated',
    ],
    ['with an empty list of them', [wordsControl, json(fixture, []), elsewhere], 'violated'],
    ['that does not use the source', [wordsControl, json(fixture, null, LOST)], 'violated'],
    [
      'that does not use the source, of a model that repeats nothing',
      [deaf, json(fixture, null, LOST)],
      'inconclusive',
    ],
    [
      'that max_tokens cut',
      [wordsControl, json(fixture, null, 'The keeper', { stop_reason: 'max_tokens' })],
      'inconclusive',
    ],
    ['with a citation that is a string', [wordsControl, json(fixture, ['Borvik, line 2'])], 'violated'],
    ['with a citation without its text', [wordsControl, json(fixture, [without(citation, 'cited_text')])], 'violated'],
    [
      'with a citation of a kind that nobody knows',
      [wordsControl, json(fixture, [{ ...citation, type: 'url_citation' }])],
      'violated',
    ],
    ['that is a rejection', [wordsControl, rejection(fixture)], 'rejected'],
    ['that is a rejection like that of words', [rejection('cheap'), rejection(fixture)], 'inconclusive'],
    ['that is a crash', [wordsControl, rejection(fixture, 500)], 'violated'],
    ['that asks to wait', [wordsControl, rejection(fixture, 429)], 'inconclusive'],
  ] as const)('an answer %s', (_what, exchanges, outcome) => {
    expect(judge(id, exchanges).outcome).toBe(outcome);
  });

  it('is violated in silence where citations are not given, and where they are wrong', () => {
    expect(judge(id, [wordsControl, json(fixture, null), elsewhere])).toMatchObject({ silent: true });
    expect(judge(id, [wordsControl, json(fixture, [{ ...citation, type: 'content_block_location' }])])).toMatchObject({
      silent: true,
    });
  });
});

describe('a char_location', () => {
  const text = (changes: object): Judgement =>
    judge('cite.text.shape', [wordsControl, json('text-cited', [{ ...CHARS, ...changes }])]);

  it.each([
    ['counts from 1', { start_char_index: 52, end_char_index: 99 }],
    ['has an inclusive end', { end_char_index: 97 }],
    ['counts in the wrong document', { document_index: 0 }],
    ['counts a document that is not there', { document_index: 2 }],
    ['cites words that are not in the document', { cited_text: 'The keeper is a PINEAPPLE.' }],
    ['cites nothing', { cited_text: '', end_char_index: 51 }],
    ['ends before it starts', { start_char_index: 98, end_char_index: 51 }],
  ])('that %s is violated', (_what, changes) => {
    expect(text(changes)).toMatchObject({ outcome: 'violated', silent: true });
  });
  it('is wordsControl where it should lie', () => {
    expect(text({ document_index: 0, start_char_index: 0, end_char_index: 46 })).toMatchObject({
      findings: [{ expected: 'document 1, characters 51 to 98', at: { pointer: '/content/0/citations/0' } }],
    });
  });
  it('of another sentence is as good', () => {
    expect(
      text({ cited_text: 'The harbour of Arlen', document_index: 0, start_char_index: 0, end_char_index: 20 }).outcome,
    ).toBe('satisfied');
  });
  it('is looked at in streams as well', () => {
    const exchanges = [wordsControl, json('text-cited', [CHARS]), stream([{ ...CHARS, end_char_index: 97 }])];
    expect(judge('cite.text.shape', exchanges)).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'text-cited/stream' }],
    });
  });
});

describe('a page_location', () => {
  it.each([
    ['counts from 0', { start_page_number: 0, end_page_number: 1 }],
    ['has an inclusive end', { end_page_number: 1 }],
    ['goes beyond the only page', { end_page_number: 3 }],
    ['counts a document that is not there', { document_index: 1 }],
  ])('that %s is violated', (_what, changes) => {
    expect(judge('cite.pdf.shape', [wordsControl, json('pdf-cited', [{ ...PAGE, ...changes }])]).outcome).toBe(
      'violated',
    );
  });
});

describe('a search_result_location', () => {
  it.each([
    ['names another source', { source: 'https://elsewhere.example/' }],
    ['counts a result that is not there', { search_result_index: 1 }],
    ['has an inclusive end', { end_block_index: 1 }],
    ['names the block beside', { start_block_index: 0, end_block_index: 1 }],
    ['goes beyond the last block', { end_block_index: 4 }],
  ])('that %s is violated', (_what, changes) => {
    const exchanges = [wordsControl, json('search-result-cited', [{ ...RESULT, ...changes }])];
    expect(judge('cite.search-result', exchanges).outcome).toBe('violated');
  });
});

describe('cite.stream.delta', () => {
  const plain = json('text-cited', [CHARS]);
  const streamed = (change: (event: JsonObject) => JsonObject): Exchange =>
    exchange({ fixture: 'text-cited', events: events(reply(ANSWER, [CHARS])).map(change) });
  const ofType = (type: string, to: (event: JsonObject) => JsonObject) => (event: JsonObject) =>
    event.type === type ? to(event) : event;
  const isCitation = (event: JsonObject): boolean =>
    (event.delta as JsonObject | undefined)?.type === 'citations_delta';
  const delta = (to: JsonObject) => (event: JsonObject) => (isCitation(event) ? { ...event, delta: to } : event);

  it('is satisfied by a citations_delta before the text, and by one behind it', () => {
    expect(judge('cite.stream.delta', [wordsControl, plain, stream([CHARS])]).outcome).toBe('satisfied');
    const list = events(reply(ANSWER, [CHARS]));
    const moved = [...list.filter((event) => !isCitation(event))];
    moved.splice(-3, 0, list.find(isCitation)!);
    expect(
      judge('cite.stream.delta', [wordsControl, plain, exchange({ fixture: 'text-cited', events: moved })]).outcome,
    ).toBe('satisfied');
  });
  it.each([
    ['a list in the delta', delta({ type: 'citations_delta', citations: [CHARS] }), true],
    ['an empty delta', delta({ type: 'citations_delta' }), true],
    ['a text_delta that brings it along', delta({ type: 'text_delta', text: '', citations: [CHARS] }), true],
    [
      'the start of its block',
      ofType('content_block_start', (event) => ({
        ...event,
        content_block: { type: 'text', text: '', citations: [CHARS] },
      })),
      false,
    ],
    [
      'a block that is no text',
      ofType('content_block_start', (event) => ({
        ...event,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      })),
      true,
    ],
  ])('is violated by a citation in %s', (_where, change, silent) => {
    expect(judge('cite.stream.delta', [wordsControl, plain, streamed(change)])).toMatchObject({
      outcome: 'violated',
      silent,
      findings: [{ exchange: 'text-cited/stream', at: { event: expect.any(Number) } }],
    });
  });
  it.each([
    ['the stream loses the citations of the reply', [wordsControl, plain, stream(null)], 'violated'],
    ['there are none in either', [wordsControl, json('text-cited', null), stream(null)], 'inconclusive'],
    ['the document is lost', [wordsControl, json('text-cited', null, LOST), stream(null, LOST)], 'violated'],
    ['the model repeats nothing', [deaf, json('text-cited', null, LOST), stream(null, LOST)], 'inconclusive'],
    [
      'the stream breaks off',
      [wordsControl, plain, exchange({ fixture: 'text-cited', events: events(reply(ANSWER, null)).slice(0, 4) })],
      'inconclusive',
    ],
    ['streams are rejected', [wordsControl, plain, rejection('text-cited', 400, { transport: 'stream' })], 'rejected'],
    ['streams crash', [wordsControl, plain, rejection('text-cited', 500, { transport: 'stream' })], 'violated'],
  ] as const)('where %s', (_what, exchanges, outcome) => {
    expect(judge('cite.stream.delta', thrice(exchanges)).outcome).toBe(outcome);
  });
  it('counts lost citations as silent', () => {
    expect(judge('cite.stream.delta', [wordsControl, plain, stream(null)])).toMatchObject({ silent: true });
  });
});

rejects(citations, ['cite.all-or-none']);

describe('a target that does not claim documents and rejects them', () => {
  const asked = [...new Set(citations.requirements.flatMap((requirement) => requirement.fixtures))];
  const exchanges = asked.flatMap((id) =>
    id === 'words-in-prompt'
      ? [wordsControl]
      : fixtures()
          .get(id)!
          .transports.map((transport) => rejection(id, 400, { transport })),
  );
  it.each(citations.requirements.map(({ id }) => id))('%s is rejected', (id) => {
    expect(judge(id, exchanges, { claims: { profiles: ['core'] } }).outcome).toBe('rejected');
  });
});
